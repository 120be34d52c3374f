"""Signing keys: made, rotated, forgotten, and no good token refused on the way."""

import threading
from collections.abc import Iterator
from pathlib import Path

import jwt as pyjwt
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from accounts.bootstrap.settings import Settings
from accounts.bootstrap.wiring import Services, build_services
from accounts.domain.errors import StateConflictError
from accounts.domain.oauth import SKEW_S, TOKEN_TTL_S
from accounts.domain.signing_key import PUBLISH_S, Algorithm
from accounts.domain.times import SECOND
from accounts.service import housekeeping, signing
from accounts.service.authenticating import Known, Shown
from accounts.service.bootstrapping import bootstrap
from accounts_harness.making import SOMEBODY
from accounts_harness.oauth import Registered, make_registered

LONGEST_CACHE_S = 900


class FakeClock:
    def __init__(self) -> None:
        self.seconds = 1_790_000_000

    def __call__(self) -> int:
        return self.seconds * SECOND


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def services(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Services]:
    services = build_services(
        Settings(database_url=database_url, pepper_file=str(tmp_path / "peppers"), threads=8), clock
    )
    bootstrap(services.store, services.peppers, clock(), SOMEBODY)
    yield services
    services.close()


def rotate(services: Services, algorithm: Algorithm | None = None, compromised: bool = False) -> None:
    make = signing.replace_compromised if compromised else signing.rotate
    now = services.clock() // SECOND
    services.store.write(lambda tx: make(tx, algorithm, services.oauth.jose, services.peppers, now), SOMEBODY)


def phases(services: Services) -> list[str]:
    now = services.clock() // SECOND
    return [row["phase"] for row in services.store.read(lambda tx: signing.snapshots(tx.oauth.signing_keys(), now))]


def test_the_first_key_is_made_once_whoever_asks(services: Services) -> None:
    other = build_services(services.settings, services.clock)
    threads = [threading.Thread(target=one.oauth.keyring.signer) for one in (services, other) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert phases(services) == ["active"]
    assert [key.kid for key in other.oauth.keyring.published()] == [
        key.kid for key in services.oauth.keyring.published()
    ]
    other.close()


def test_a_rotation_is_one_at_a_time_and_ends_by_itself(services: Services, clock: FakeClock) -> None:
    services.oauth.keyring.signer()
    rotate(services, Algorithm.EDDSA)
    assert phases(services) == ["active", "next"]
    with pytest.raises(StateConflictError, match="published already"):
        rotate(services)
    clock.seconds += PUBLISH_S
    assert phases(services) == ["retiring", "active"]
    clock.seconds += TOKEN_TTL_S + SKEW_S
    housekeeping.sweep(services.store, clock())
    assert phases(services) == ["active"]
    rotate(services)
    [active, following] = services.oauth.keyring.published()
    assert (active.algorithm, following.algorithm) == (Algorithm.EDDSA, Algorithm.EDDSA)


def test_a_compromised_key_is_gone_at_once(services: Services, clock: FakeClock) -> None:
    acme = make_registered(services)
    known = services.oauth.authenticator.client(Shown(acme.client.id, acme.secret))
    text = services.oauth.tokens.issue(known, None, None, SOMEBODY).text
    rotate(services, compromised=True)
    clock.seconds += signing.REFRESH_S + 1
    assert len(services.oauth.keyring.published()) == 1
    assert services.oauth.tokens.introspect(text, None) == {"active": False}


def kid_of(text: str) -> str:
    return str(pyjwt.get_unverified_header(text)["kid"])


class Verifier:
    """Knows the keys that it fetched last, and fetches anew only when those are as old as any library lets them be."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._fetched_at = 0
        self._keys = KeySet([])

    def accepts(self, text: str) -> bool:
        now = self._services.clock() // SECOND
        if now - self._fetched_at >= LONGEST_CACHE_S:
            published = self._services.oauth.keyring.published()
            self._keys, self._fetched_at = KeySet.import_key_set({"keys": [key.public for key in published]}), now
        if kid_of(text) not in {key.kid for key in self._keys.keys}:
            return False
        jwt.decode(text, self._keys, algorithms=["ES256", "RS256"])
        return True


def test_no_token_is_refused_while_keys_rotate(services: Services, clock: FakeClock) -> None:
    """Two processes issue, two of the laziest verifiers judge each token when it is new and when it is about to end."""
    other = build_services(services.settings, clock)
    issuers = [services, other]
    verifiers = [Verifier(one) for one in issuers]
    acme: Registered = make_registered(services)
    known = [one.oauth.authenticator.client(Shown(acme.client.id, acme.secret)) for one in issuers]
    held: list[tuple[int, str]] = []
    refused: list[str] = []
    kids = set()
    for step in range(200):
        clock.seconds += 22
        if step % 60 == 30:
            rotate(services, Algorithm.RS256 if step > 100 else None)
            housekeeping.sweep(services.store, clock())
        held += _issue(issuers, known, clock)
        kids |= {kid_of(text) for _, text in held}
        due = [text for at, text in held if at == clock.seconds or clock.seconds - at > TOKEN_TTL_S - 22]
        held = [(at, text) for at, text in held if clock.seconds - at <= TOKEN_TTL_S - 22]
        refused += [text for text in due for verifier in verifiers if not verifier.accepts(text)]
    other.close()
    assert refused == []
    assert len(kids) == 4


def _issue(issuers: list[Services], known: list[Known], clock: FakeClock) -> list[tuple[int, str]]:
    return [
        (clock.seconds, one.oauth.tokens.issue(who, None, None, SOMEBODY).text)
        for one, who in zip(issuers, known, strict=True)
    ]
