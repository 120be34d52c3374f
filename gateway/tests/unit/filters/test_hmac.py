"""Signed requests: every part that is changed, every time but the right one, and every time but the first."""

import asyncio
import pickle
from collections.abc import Awaitable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway_harness.exchanges import exchange_of, sent_fields
from gateway_harness.known_accounts import KnownAccounts, client_record, later, now_of
from gateway_harness.signing import PRIVATE_KEY, SECRET, signed
from moongate.core.exchange import Exchange
from moongate.filters import Refusal, Tools
from moongate.filters.authenticate import Authenticate, AuthenticatePlan, Found, Proof
from moongate.filters.hmac import ED25519, HMAC_SHA256, Hmac, HmacPlan, SigningKeyPlan
from moongate.stores.decision import Standing
from moongate.stores.replays import SeenSignatures

NOW = 1_790_000_000
PUBLIC = PRIVATE_KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
PLAN = HmacPlan(
    (SigningKeyPlan("partner", "acme", HMAC_SHA256, SECRET), SigningKeyPlan("robot", "r1", ED25519, PUBLIC)), 60.0
)
URL = "http://a.test/a?b=1"
PLACES = ("@method", "@authority", "@path", "@query")


class Seen(SeenSignatures):
    """One that has been there for a while."""

    def __init__(self) -> None:
        super().__init__(seconds=lambda: NOW)
        self._since -= 1000


def method(plan: HmacPlan = PLAN, **tools: Any) -> Hmac:
    bound = plan.bind(Tools(seconds=lambda: NOW, **{"replays": Seen(), **tools}))
    assert isinstance(bound, Hmac)
    return bound


def request(lines: list[str], method: bytes = b"GET", target: bytes = b"/a?b=1", body: bytes = b"") -> Exchange:
    if body:
        lines = [*lines, f"Content-Length: {len(body)}"]
    return exchange_of(*(line.encode() for line in lines), target=target, method=method)


def lines_of(method: str = "GET", url: str = URL, body: bytes | None = None, **how: Any) -> list[str]:
    return signed(method, url, body, **{"created": NOW, **how})


def outcome(found: Found) -> str | None:
    if isinstance(found, Proof):
        return found.identity.client
    return found.reason if isinstance(found, Refusal) else None


@pytest.mark.parametrize("covered", [("@method", "@target-uri"), PLACES, (*PLACES, "x-a", "host")])
@pytest.mark.parametrize(("key", "key_id", "client"), [(SECRET, "partner", "acme"), (PRIVATE_KEY, "robot", "r1")])
def test_what_another_hand_signed(covered: tuple[str, ...], key: Any, key_id: str, client: str) -> None:
    headers = {"X-A": "1", "Host": "a.test"}
    lines = lines_of(covered_component_ids=covered, key=key, key_id=key_id, nonce="n1", headers=headers)
    found = now_of(method()(request([line for line in lines if not line.startswith("Host")])))
    assert outcome(found) == client
    assert (found.identity.credential, found.carrier, found.companion) == ("hmac", b"signature", b"signature-input")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"method": b"DELETE"}, "signature_refused"),
        ({"target": b"/a?b=2"}, "signature_refused"),
        ({"target": b"/b?b=1"}, "signature_refused"),
        ({"target": b"/a?b=1&c=1"}, "signature_refused"),
        ({"body": b"x"}, "signature_coverage"),
    ],
)
def test_what_was_changed_on_the_way(change: dict[str, Any], reason: str) -> None:
    assert outcome(now_of(method()(request(lines_of(), **change)))) == reason


OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"key": b"x" * 48}, "signature_refused"),
        ({"key": OTHER, "key_id": "robot"}, "signature_refused"),
        ({"key": SECRET, "key_id": "robot"}, "signature_alg"),
        ({"key": SECRET, "key_id": "robot", "include_alg": False}, "signature_refused"),
        ({"key": PUBLIC, "key_id": "robot", "include_alg": False}, "signature_refused"),
        ({"key_id": "other"}, "signature_key"),
        ({"url": "http://b.test/a?b=1"}, "signature_refused"),
        ({"url": "https://a.test/a?b=1"}, "signature_refused"),
        ({"covered_component_ids": ("@method", "@path")}, "signature_coverage"),
        ({"covered_component_ids": ("@target-uri",)}, "signature_coverage"),
        ({"created": NOW - 61}, "signature_created"),
        ({"created": NOW + 61}, "signature_created"),
    ],
)
def test_what_was_not_signed_well(how: dict[str, Any], reason: str) -> None:
    assert outcome(now_of(method()(request(lines_of(**how))))) == reason


@pytest.mark.parametrize("created", [NOW - 60, NOW, NOW + 60])
def test_clocks_may_differ(created: int) -> None:
    assert outcome(now_of(method()(request(lines_of(created=created))))) == "acme"


def test_a_client_may_set_an_end_of_its_own() -> None:
    import datetime

    for seconds, expected in ((1, "acme"), (0, "signature_created")):
        expires = datetime.datetime.fromtimestamp(NOW + seconds, datetime.UTC)
        assert outcome(now_of(method()(request(lines_of(expires=expires))))) == expected


def test_no_signature_is_no_credential_of_this_kind_and_half_of_one_is_a_bad_one() -> None:
    assert now_of(method()(exchange_of())) is None
    assert now_of(method()(exchange_of(b"Signature: s=:AAAA:"))) is None
    half = [line for line in lines_of() if line.startswith("Signature-Input")]
    assert outcome(now_of(method()(request(half)))) == "signature_malformed"


def test_good_once_however_it_is_written() -> None:
    one = method()
    lines = lines_of()
    assert outcome(now_of(one(request(lines)))) == "acme"
    renamed = [line.replace("pyhms=", "x=") for line in lines]
    for again in (lines, lines[::-1], renamed, ["X-More: 1", *lines]):
        assert outcome(now_of(one(request(again)))) == "signature_replayed"
    assert outcome(now_of(one(request(lines_of(nonce="another"))))) == "acme"
    assert outcome(now_of(one(request(lines_of(created=NOW + 1))))) == "acme"


def test_a_request_that_was_refused_for_another_reason_may_be_sent_again() -> None:
    known = KnownAccounts(client_record("acme"), standing=Standing.ABSENT)
    one = method(HmacPlan(PLAN.keys, 60.0, is_known=True), accounts=known)
    assert outcome(now_of(one(request(lines_of())))) == "accounts_unavailable"
    known.now_standing = Standing.FRESH
    assert outcome(now_of(one(request(lines_of())))) == "acme"
    assert outcome(now_of(one(request(lines_of())))) == "signature_replayed"


class Elsewhere:
    """filters.port.Replays: another process, that says what it is told to."""

    def __init__(self, word: bool | None) -> None:
        self.word = word

    def is_first(self, mark: bytes, created: int) -> Awaitable[bool | None]:
        async def answer() -> bool | None:
            assert (len(mark), created) == (16, NOW)
            return self.word

        return answer()


@pytest.mark.parametrize(
    ("word", "expected"), [(True, "acme"), (False, "signature_replayed"), (None, "signature_unjudged")]
)
@pytest.mark.parametrize("standing", [Standing.FRESH, Standing.STALE])
def test_another_process_says_whether_it_is_the_first(word: bool | None, expected: str, standing: Standing) -> None:
    known = KnownAccounts(standing=standing)
    known.elsewhere = [client_record("acme")]
    if standing is Standing.FRESH:
        known.replace(client_record("acme"))
    one = method(HmacPlan(PLAN.keys, 60.0, is_known=True), accounts=known, replays=Elsewhere(word))
    found = asyncio.run(later(one(request(lines_of()))))
    assert outcome(found) == expected
    assert not isinstance(found, Refusal) or found.failure.status == (503 if word is None else 401)


class TestBodies:
    def test_a_body_is_held_against_what_was_signed(self) -> None:
        exchange = request(lines_of("POST", body=b"hello"), b"POST", body=b"hello")
        assert outcome(now_of(method()(exchange))) == "acme"
        assert exchange.body_check is not None
        exchange.body_check.update(b"hel")
        assert exchange.body_check.verdict() is not None
        exchange.body_check.update(b"lo")
        assert exchange.body_check.verdict() is None

    def test_no_body_needs_no_digest_and_one_that_is_signed_is_true(self) -> None:
        exchange = request(lines_of("POST"), b"POST")
        assert outcome(now_of(method()(exchange))) == "acme"
        assert exchange.body_check is None
        assert outcome(now_of(method()(request(lines_of("POST", body=b""), b"POST")))) == "acme"
        assert outcome(now_of(method()(request(lines_of("POST", body=b"hello"), b"POST")))) == "content_digest"

    def test_a_digest_that_is_not_signed_counts_for_nothing(self) -> None:
        lines = [*lines_of("POST"), "Content-Digest: sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:"]
        assert outcome(now_of(method()(request(lines, b"POST", body=b"hello")))) == "signature_coverage"

    def test_another_digest_than_was_signed(self) -> None:
        lines = [
            line.replace("LPJNul", "MPJNul") if line.startswith("Content-Digest") else line
            for line in lines_of("POST", body=b"hello")
        ]
        assert outcome(now_of(method()(request(lines, b"POST", body=b"hello")))) == "signature_refused"


def test_what_one_request_proved_is_not_remembered_for_another() -> None:
    bound = AuthenticatePlan((PLAN,)).bind(Tools(seconds=lambda: NOW, replays=Seen()))
    assert isinstance(bound, Authenticate)
    first = request(lines_of())
    assert now_of(bound(first)) is None
    assert first.identity is not None
    assert b"ignature" not in sent_fields(first).replace(b"X-", b"")
    again = Exchange(b"id-2", 1, first.head, "192.0.2.7", first.started + 0.1)
    refused = now_of(bound(again))
    assert (refused.failure.status, refused.reason) == (401, "signature_replayed")
    assert refused.fields == ((b"WWW-Authenticate", b"Signature"),)


def test_the_service_may_see_the_signature_where_that_is_wanted() -> None:
    bound = AuthenticatePlan((PLAN,), forwards=True).bind(Tools(seconds=lambda: NOW, replays=Seen()))
    exchange = request(lines_of())
    assert now_of(bound(exchange)) is None
    assert b"Signature-Input: " in sent_fields(exchange)


def test_a_plan_travels_and_tells_no_key() -> None:
    assert pickle.loads(pickle.dumps(PLAN)) == PLAN
    assert PLAN.describe() == {
        "keys": {
            "partner": {"algorithm": "hmac-sha256", "client": "acme"},
            "robot": {"algorithm": "ed25519", "client": "r1"},
        },
        "window": 60.0,
        "known_to_accounts": False,
    }
    assert repr(SECRET)[2:-1] not in repr(PLAN)
    assert repr(SECRET) in repr(PLAN.hidden)


def test_somebody_has_to_know_the_clients() -> None:
    with pytest.raises(ValueError, match="no `accounts`"):
        HmacPlan(PLAN.keys, 60.0, is_known=True).bind(Tools())
