"""Tokens through the method: the table of what is refused and why, keys that are not here, and what accounts says."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from gateway_harness.exchanges import exchange_of
from gateway_harness.key_holders import HeldKeys
from gateway_harness.known_accounts import KnownAccounts, client_record, later, now_of
from gateway_harness.replicas import api_key
from gateway_harness.tokens import ISSUER, NOW, Signer, b64, good_claims, key_set, part
from moongate.core.token_plans import KeySourcePlan
from moongate.filters import Refusal, Tools
from moongate.filters.authenticate import Proof
from moongate.filters.jwt import Jwt, JwtPlan
from moongate.filters.jwt_issuer import IssuerPlan
from moongate.stores.decision import Standing

if TYPE_CHECKING:
    from moongate.core.exchange import Exchange
    from moongate.filters.authenticate import Found

SIGNER = Signer()
STATIC = IssuerPlan(ISSUER, keys=key_set(SIGNER), audiences=frozenset(("api",)))
FETCHED = IssuerPlan(ISSUER, KeySourcePlan(ISSUER), audiences=frozenset(("api",)))
KNOWN = IssuerPlan(ISSUER, keys=key_set(SIGNER), audiences=frozenset(("api",)), is_known=True)


class Clock:
    """The time, which a test moves."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


def method(*plans: IssuerPlan, **tools: Any) -> Jwt:
    bound = JwtPlan(plans or (STATIC,)).bind(Tools(**{"seconds": Clock(), **tools}))
    assert isinstance(bound, Jwt)
    return bound


def showing(token: bytes) -> Exchange:
    """Also what would be refused before, for its head is too large."""
    exchange = exchange_of()
    assert exchange.head is not None
    exchange.head.section.lines += b"Authorization: Bearer " + token + b"\r\n"
    return exchange


def show(one: Jwt, token: bytes) -> Found:
    return asyncio.run(later(one(showing(token))))


def outcome(found: Found) -> object:
    """A client, or the status and the reason."""
    if isinstance(found, Proof):
        return found.identity.client
    return (found.failure.status, found.reason) if isinstance(found, Refusal) else found


def test_a_good_token_proves_who_calls() -> None:
    found = now_of(method()(exchange_of(b"Authorization: Bearer " + SIGNER.token())))
    assert isinstance(found, Proof)
    identity = found.identity
    assert (identity.client, identity.credential, identity.scopes) == ("c1", "jwt", {"read", "write"})
    assert identity.claims["jti"] == "t1"
    assert identity.record is None
    assert (found.carrier, found.until) == (b"authorization", NOW + 60)


@pytest.mark.parametrize(
    "line",
    [
        b"X-Other: 1",
        b"Authorization: Basic dTpw",
        b"Authorization: Bearer",
        b"Authorization: Bearer " + api_key(1),
        b"X-API-Key: " + SIGNER.token(),
    ],
)
def test_where_no_token_is_looked_for(line: bytes) -> None:
    assert now_of(method()(exchange_of(line))) is None


FORGED = Signer()
HEADER = part({"alg": "ES256", "kid": "k1", "typ": "at+jwt"})
TABLE = [
    # what is shown, why it is refused
    (b"opaque", "jwt_malformed"),
    (b"e30." * 25_000, "jwt_too_long"),
    (SIGNER.token(good_claims(pad="x" * 8192)), "jwt_too_long"),
    (f"{part({'alg': 'none'})}.{part(good_claims())}.".encode(), "jwt_alg"),
    (f"{part({'alg': 'none', 'kid': 'k1'})}.{part(good_claims())}.c2ln".encode(), "jwt_alg"),
    (SIGNER.token(header={"alg": "HS256"}), "jwt_alg"),
    (SIGNER.token(header={"alg": "RS256"}), "jwt_alg"),
    (SIGNER.token(header={"alg": "ES384"}), "jwt_alg"),
    (SIGNER.token(header={"crit": ["x"], "x": 1}), "jwt_alg"),
    (SIGNER.token(header={"jku": "http://127.0.0.1/"}), "jwt_alg"),
    (SIGNER.token(header={"x5u": "http://127.0.0.1/"}), "jwt_alg"),
    (FORGED.token(header={"jwk": FORGED.jwk()}), "jwt_alg"),
    (SIGNER.token(header={"zip": "DEF"}), "jwt_alg"),
    (b"e30.e30.e30.e30.e30", "jwt_encrypted"),
    (SIGNER.token(header={"kid": "other"}), "jwt_kid"),
    (SIGNER.token(header={"kid": "k" * 129}), "jwt_kid"),
    (SIGNER.token(header={"typ": "logout+jwt"}), "jwt_typ"),
    (SIGNER.token(header={"typ": "dpop+jwt"}), "jwt_typ"),
    (FORGED.token(), "jwt_signature"),
    (f"{HEADER}.{part(good_claims())}.{b64(bytes(64))}".encode(), "jwt_signature"),
    (f"{HEADER}.{part(good_claims())}.".encode(), "jwt_signature"),
    (SIGNER.token(good_claims(iss="https://evil.example")), "jwt_issuer"),
    (SIGNER.token(good_claims(iss=None)), "jwt_issuer"),
    (SIGNER.token(good_claims(iss=["x"])), "jwt_issuer"),
    (SIGNER.token(good_claims(aud="other")), "jwt_audience"),
    (SIGNER.token(good_claims(aud=None)), "jwt_audience"),
    (SIGNER.token(good_claims(exp=NOW - 31)), "jwt_expired"),
    (SIGNER.token(good_claims(exp=None)), "jwt_expired"),
    (SIGNER.token(good_claims(nbf=NOW + 31)), "jwt_not_yet"),
    (SIGNER.token(good_claims(iat=NOW + 31)), "jwt_not_yet"),
    (SIGNER.token(good_claims(client_id=None, sub=None)), "jwt_client"),
    (SIGNER.token(good_claims(client_id="a\r\nX-Admin: 1")), "jwt_client"),
]


@pytest.mark.parametrize(("token", "reason"), TABLE, ids=[f"{number}-{row[1]}" for number, row in enumerate(TABLE)])
def test_the_table_of_what_is_refused(token: bytes, reason: str) -> None:
    one = method()
    for _ in range(2):  # what was refused is not remembered as anything else
        found = show(one, token)
        assert outcome(found) == (401, reason)
        assert isinstance(found, Refusal)
        assert found.fields == ((b"WWW-Authenticate", b'Bearer error="invalid_token"'),)


@pytest.mark.parametrize("typ", [None, "JWT", "at+jwt", "application/at+jwt"])
def test_types_of_access_tokens(typ: str | None) -> None:
    assert outcome(show(method(), SIGNER.token(header={"typ": typ}))) == "c1"


def test_a_type_can_be_demanded() -> None:
    one = method(IssuerPlan(ISSUER, keys=key_set(SIGNER), types=frozenset(("at+jwt",))))
    assert outcome(show(one, SIGNER.token())) == "c1"
    for typ in (None, "JWT"):
        assert outcome(show(one, SIGNER.token(header={"typ": typ}))) == (401, "jwt_typ")


def test_issuers_are_told_apart_and_none_speaks_for_another() -> None:
    other = Signer(kid="k1")
    one = method(STATIC, IssuerPlan("https://b.example", keys=key_set(other), client_claims=("sub",)))
    assert outcome(show(one, SIGNER.token())) == "c1"
    assert outcome(show(one, other.token(good_claims(iss="https://b.example")))) == "u1"
    assert outcome(show(one, other.token())) == (401, "jwt_signature")
    assert outcome(show(one, SIGNER.token(good_claims(iss="https://b.example")))) == (401, "jwt_signature")


def test_no_token_takes_two_milliseconds() -> None:
    one = method()
    slowest: dict[str, float] = {}
    for token, reason in TABLE:
        tries, exchange = [], showing(token)
        for _ in range(7):
            before = time.thread_time()
            now_of(one(exchange))
            tries.append(time.thread_time() - before)
        slowest[reason] = max(slowest.get(reason, 0.0), sorted(tries)[3])
    assert max(slowest.values()) < 0.002, slowest


class TestRemembered:
    def test_a_token_is_verified_once_a_minute(self) -> None:
        clock = Clock()
        one = method(seconds=clock)
        first = show(one, SIGNER.token())
        token = SIGNER.token()
        verified = []
        for seconds in (0, 30, 59, 60, 61, 119, 121):
            clock.now = NOW + seconds
            found = show(one, token)
            assert isinstance(found, Proof)
            verified.append(found.until)
        assert verified == [NOW + 60] * 3 + [NOW + 120] * 3 + [NOW + 181]
        assert isinstance(first, Proof)

    def test_never_longer_than_it_lives(self) -> None:
        clock = Clock()
        one = method(seconds=clock)
        token = SIGNER.token(good_claims(exp=NOW + 5))
        found = show(one, token)
        assert isinstance(found, Proof)
        assert found.until == NOW + 35
        clock.now = NOW + 35
        assert outcome(show(one, token)) == (401, "jwt_expired")

    def test_no_longer_than_its_keys(self) -> None:
        keys = HeldKeys()
        keys.hold(ISSUER, key_set(SIGNER))
        one = method(FETCHED, key_sets=keys)
        token = SIGNER.token()
        assert outcome(show(one, token)) == "c1"
        keys.hold(ISSUER, key_set(Signer(kid="k2")))
        keys.is_quiet = True
        assert outcome(show(one, token)) == (401, "jwt_kid")

    def test_by_other_rules_it_is_another_token(self) -> None:
        tools = Tools(seconds=Clock())
        one = JwtPlan((STATIC,)).bind(tools)
        other = JwtPlan((IssuerPlan(ISSUER, keys=key_set(SIGNER), audiences=frozenset(("b",))),)).bind(tools)
        token = SIGNER.token()
        for _ in range(2):
            assert outcome(now_of(one(exchange_of(b"Authorization: Bearer " + token)))) == "c1"
            assert outcome(now_of(other(exchange_of(b"Authorization: Bearer " + token)))) == (401, "jwt_audience")

    def test_it_outlives_a_reload(self) -> None:
        keys = HeldKeys()
        keys.hold(ISSUER, key_set(SIGNER))
        tools = Tools(seconds=Clock(), key_sets=keys)
        before, after = JwtPlan((FETCHED,)).bind(tools), JwtPlan((FETCHED,)).bind(tools)
        assert isinstance(before, Jwt)
        assert isinstance(after, Jwt)
        show(before, SIGNER.token())
        assert before._cache is after._cache
        assert before._issuers == after._issuers


class TestKeysThatAreNotHere:
    def test_a_new_key_is_waited_for(self) -> None:
        new = Signer(kid="k2")
        keys = HeldKeys(**{ISSUER: key_set(SIGNER, new)})
        keys.hold(ISSUER, key_set(SIGNER))
        one = method(FETCHED, key_sets=keys)
        assert outcome(show(one, new.token())) == "c1"
        assert outcome(show(one, SIGNER.token())) == "c1"
        assert keys.waits == 1

    def test_the_first_request_waits_for_the_first_keys(self) -> None:
        keys = HeldKeys(**{ISSUER: key_set(SIGNER)})
        assert outcome(show(method(FETCHED, key_sets=keys), SIGNER.token())) == "c1"

    @pytest.mark.parametrize(
        ("held", "is_fresh", "answers", "is_quiet", "expected"),
        [
            (True, True, True, False, (401, "jwt_kid")),
            (True, True, True, True, (401, "jwt_kid")),
            (True, True, False, False, (503, "jwt_keys_unavailable")),  # nobody could say in time
            (True, False, True, False, (503, "jwt_keys_unavailable")),  # the issuer is down: the key may be new
            (True, False, True, True, (503, "jwt_keys_unavailable")),
            (False, False, True, False, (503, "jwt_keys_unavailable")),
            (False, False, False, False, (503, "jwt_keys_unavailable")),
            (False, False, True, True, (503, "jwt_keys_unavailable")),
        ],
    )
    def test_what_follows_for_a_key_that_nobody_has(
        self, held: bool, is_fresh: bool, answers: bool, is_quiet: bool, expected: object
    ) -> None:
        keys = HeldKeys()
        if held:
            keys.hold(ISSUER, key_set(SIGNER), is_fresh=is_fresh)
        keys.answers, keys.is_quiet = answers, is_quiet
        one = method(FETCHED, key_sets=keys)
        assert outcome(show(one, SIGNER.token(header={"kid": "nobody's"}))) == expected
        if held:
            assert outcome(show(one, SIGNER.token())) == "c1", "who has an old key is served"

    def test_nothing_is_asked_for_a_token_that_can_not_be_good(self) -> None:
        keys = HeldKeys()
        one = method(FETCHED, key_sets=keys)
        for token, reason in TABLE:
            if reason in ("jwt_malformed", "jwt_too_long", "jwt_encrypted", "jwt_issuer", "jwt_typ"):
                show(one, token)
        assert keys.waits == 0


class TestAccounts:
    def bound(self, known: KnownAccounts) -> Jwt:
        return method(KNOWN, accounts=known)

    @pytest.mark.parametrize(
        ("standing", "answers", "known", "elsewhere", "nobody"),
        [
            (Standing.FRESH, True, "c1", (401, "jwt_client_unknown"), (401, "jwt_client_unknown")),
            (Standing.STALE, True, "c1", "c2", (401, "jwt_client_unknown")),
            (Standing.STALE, False, "c1", (503, "accounts_unavailable"), (503, "accounts_unavailable")),
            (Standing.EXPIRED, True, (503, "accounts_unavailable"), *[(503, "accounts_unavailable")] * 2),
            (Standing.ABSENT, True, (503, "accounts_unavailable"), *[(503, "accounts_unavailable")] * 2),
        ],
    )
    def test_the_decision_table(
        self, standing: Standing, answers: bool, known: object, elsewhere: object, nobody: object
    ) -> None:
        accounts = KnownAccounts(client_record("c1"), standing=standing)
        accounts.elsewhere = [client_record("c2")]
        accounts.answers = answers
        one = self.bound(accounts)
        for client, expected in (("c1", known), ("c2", elsewhere), ("c3", nobody)):
            assert outcome(show(one, SIGNER.token(good_claims(client_id=client)))) == expected

    def test_its_record_goes_along_and_serving_by_an_old_one_is_counted(self) -> None:
        accounts = KnownAccounts(client_record("c1"), standing=Standing.STALE)
        found = show(self.bound(accounts), SIGNER.token())
        assert isinstance(found, Proof)
        assert found.identity.record is accounts.clients["c1"]
        assert accounts.stale_serves == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"status": "suspended"},
            {"not_before": NOW - 9},
            {"revoked_tokens": frozenset(("t1",))},
        ],
        ids=str,
    )
    def test_what_accounts_says_later_ends_a_token_that_was_verified(self, change: dict[str, Any]) -> None:
        accounts = KnownAccounts(client_record("c1"))
        one = self.bound(accounts)
        token = SIGNER.token()
        assert outcome(show(one, token)) == "c1"
        accounts.replace(client_record("c1", **change))
        for standing in (Standing.FRESH, Standing.STALE, Standing.EXPIRED):
            accounts.now_standing = standing
            assert outcome(show(one, token)) == (401, "jwt_refused")
        accounts.replace(client_record("c1"))
        accounts.now_standing = Standing.FRESH
        assert outcome(show(one, token)) == "c1"

    def test_not_before_lets_newer_tokens_pass(self) -> None:
        one = self.bound(KnownAccounts(client_record("c1", not_before=NOW - 10)))
        assert outcome(show(one, SIGNER.token())) == "c1"
        assert outcome(show(one, SIGNER.token(good_claims(iat=None)))) == (401, "jwt_refused")

    def test_a_client_that_goes_while_it_is_looked_for_is_nobodys_fault(self) -> None:
        accounts = KnownAccounts(standing=Standing.STALE)
        accounts.elsewhere = [client_record("c1")]

        def forget(*_: object) -> None:
            accounts.version += 1

        accounts.replace = forget  # type: ignore[method-assign]
        assert outcome(show(self.bound(accounts), SIGNER.token())) == (503, "accounts_unavailable")

    def test_without_accounts_nobody_knows_clients(self) -> None:
        with pytest.raises(ValueError, match="there is no `accounts` in the config"):
            JwtPlan((KNOWN,)).bind(Tools())

    def test_other_issuers_need_no_accounts(self) -> None:
        assert outcome(show(method(STATIC, accounts=KnownAccounts()), SIGNER.token())) == "c1"
