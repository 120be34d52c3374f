"""Who asks the token endpoint."""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from accounts.bootstrap.wiring import Services
from accounts.domain.oauth import OAuthError
from accounts.service import peppers, profiles
from accounts.service.authenticating import Shown
from accounts_harness.making import SOMEBODY
from accounts_harness.oauth import Registered, make_registered

SAMPLES = 60


@pytest.fixture
def acme(services: Services) -> Registered:
    return make_registered(services)


def is_known(services: Services, shown: Shown) -> bool:
    try:
        return bool(services.oauth.authenticator.client(shown).client.id)
    except OAuthError:
        return False


def test_two_secrets_open_until_one_is_removed(services: Services, acme: Registered) -> None:
    pepper, now = services.peppers.current(), services.clock()
    made = services.store.write(lambda tx: profiles.create_secret(tx, acme.client.id, None, pepper, now), SOMEBODY)
    shown = [Shown(acme.client.id, secret=text) for text in (acme.secret, made.text)]
    assert [is_known(services, one) for one in shown] == [True, True]
    services.store.write(lambda tx: profiles.remove_secret(tx, acme.client.id, acme.secret[4:16]), SOMEBODY)
    assert [is_known(services, one) for one in shown] == [False, True]


def test_a_secret_outlives_the_rotation_of_peppers(services: Services, acme: Registered) -> None:
    peppers.rotate(services.store, services.peppers, SOMEBODY)
    assert is_known(services, Shown(acme.client.id, secret=acme.secret))


@pytest.mark.parametrize(
    "changes",
    [{"exp": 1}, {"aud": "https://elsewhere"}, {"jti": None}, {"sub": "cl_" + "1" * 18}, {"iss": "x"}, {"nbf": 9e12}],
)
def test_a_bad_assertion_proves_nothing(services: Services, acme: Registered, changes: dict[str, object]) -> None:
    assert not is_known(services, Shown("", assertion=acme.assertion(**changes)))
    assert not is_known(services, Shown(acme.client.id, assertion=acme.assertion(**changes)))
    assert is_known(services, Shown("", assertion=acme.assertion()))


def test_the_id_beside_an_assertion_is_its_own(services: Services, acme: Registered) -> None:
    other = make_registered(services, "Other")
    assert not is_known(services, Shown(other.client.id, assertion=acme.assertion()))


@pytest.mark.parametrize("method", ["secret", "assertion"])
def test_an_unknown_client_takes_about_as_long_as_a_known_one(
    services: Services, acme: Registered, method: str
) -> None:
    """Samples interleaved and medians compared, so that a busy machine slows both; the bound is wide all the same."""
    wrong = make_registered(services, "Wrong")
    nobody = replace(acme, client=replace(acme.client, id="cl_" + "0" * 18), key=wrong.key)
    bad = replace(acme, secret=wrong.secret, key=wrong.key)

    def shown(who: Registered) -> Callable[[], Shown]:
        if method == "secret":
            return lambda: Shown(who.client.id, secret=who.secret)
        return lambda: Shown(who.client.id, assertion=who.assertion())

    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for _ in range(SAMPLES):
        for name, make in (("known", shown(bad)), ("unknown", shown(nobody))):
            one = make()
            began = time.perf_counter()
            assert not is_known(services, one)
            times[name].append(time.perf_counter() - began)
    ratio = statistics.median(times["unknown"]) / statistics.median(times["known"])
    assert 0.5 < ratio < 1.5, ratio
