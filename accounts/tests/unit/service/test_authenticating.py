"""Who asks the token endpoint."""

import sys
from collections import Counter
from dataclasses import replace
from types import FrameType

import pytest

from accounts.bootstrap.wiring import Services
from accounts.domain.oauth import OAuthError
from accounts.service import peppers, profiles
from accounts.service.authenticating import Shown
from accounts_harness.making import SOMEBODY
from accounts_harness.oauth import Registered, make_registered


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
def test_an_unknown_client_costs_about_what_a_known_one_does(services: Services, acme: Registered, method: str) -> None:
    """Counted in calls, which no busy machine changes: as many codes and signatures are made."""
    wrong = make_registered(services, "Wrong")
    nobody = replace(acme, client=replace(acme.client, id="cl_" + "0" * 18), key=wrong.key)
    bad = replace(acme, secret=wrong.secret, key=wrong.key)

    def shown(who: Registered) -> Shown:
        if method == "secret":
            return Shown(who.client.id, secret=who.secret)
        return Shown(who.client.id, assertion=who.assertion())

    for _ in range(2):  # whatever is made once is made
        known, unknown = calls(services, shown(bad)), calls(services, shown(nobody))
    for dear in ("compare_digest", "verify"):  # codes, signatures
        assert unknown[dear] == known[dear], dear
    assert known["compare_digest" if method == "secret" else "verify"]
    assert 0 <= known["execute"] - unknown["execute"] <= 2, "what hangs on a client that is there is one read more"
    assert 0.5 < unknown.total() / known.total() < 1.5


def calls(services: Services, one: Shown) -> Counter[str]:
    """How often what is called while ``one`` is judged, by name."""
    counted: Counter[str] = Counter()

    def count(frame: FrameType, event: str, called: object) -> None:
        if event == "call":
            counted[frame.f_code.co_name] += 1
        elif event == "c_call":
            counted[getattr(called, "__name__", "")] += 1

    sys.setprofile(count)
    try:
        assert not is_known(services, one)
    finally:
        sys.setprofile(None)
    return counted
