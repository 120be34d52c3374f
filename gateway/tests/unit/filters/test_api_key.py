"""Keys against what accounts has said: every cell of the table, and every way to bring one."""

import asyncio

import pytest

from gateway_harness.exchanges import exchange_of
from gateway_harness.known_accounts import KnownAccounts, client_record, key_record, later, now_of
from gateway_harness.replicas import api_key
from moongate.core.exchange import Exchange, Identity
from moongate.filters import Refusal, Tools
from moongate.filters.api_key import ApiKey, ApiKeyPlan
from moongate.filters.authenticate import Found, Proof
from moongate.stores.decision import Standing

KEY = api_key("k3JdYq0PzR5x")
OTHER = api_key("another00000")
REVOKED = api_key("revoked00000")
EXPIRED = api_key("expired00000")
OF_SUSPENDED = api_key("suspended000")
STRANGER = api_key("stranger0000")
MISTYPED = KEY[:-1] + (b"0" if KEY[-1:] != b"0" else b"1")
FORGED = api_key("k3JdYq0PzR5x", "t" * 32)
NOW = 1_790_000_000


def accounts(standing: Standing = Standing.FRESH) -> KnownAccounts:
    known = KnownAccounts(
        client_record("cl_1", key_record(KEY, scopes=("read",)), key_record(REVOKED, revoked=True)),
        client_record("cl_2", key_record(EXPIRED, expires_at=NOW), key_record(OTHER, expires_at=NOW + 5)),
        client_record("cl_3", key_record(OF_SUSPENDED), status="suspended"),
        standing=standing,
    )
    known.elsewhere = [client_record("cl_4", key_record(STRANGER))]
    return known


def method(known: KnownAccounts, plan: ApiKeyPlan | None = None) -> ApiKey:
    bound = (plan or ApiKeyPlan()).bind(Tools(accounts=known, seconds=lambda: NOW))
    assert isinstance(bound, ApiKey)
    return bound


def outcome(found: Found) -> object:
    """A client's id, or the status of the refusal."""
    if isinstance(found, Proof):
        return found.identity.client
    return found.failure.status if isinstance(found, Refusal) else found


CELLS = [
    # key, fresh, stale and accounts answers, stale and it does not, expired, absent
    (KEY, "cl_1", "cl_1", "cl_1", 503, 503),
    (REVOKED, 401, 401, 401, 401, 401),
    (EXPIRED, 401, 401, 401, 401, 401),
    (OF_SUSPENDED, 401, 401, 401, 401, 401),
    (FORGED, 401, 401, 401, 401, 401),
    (STRANGER, 401, "cl_4", 503, 503, 503),
    (api_key("nobody000000"), 401, 401, 503, 503, 503),
    (MISTYPED, 401, 401, 401, 401, 401),
    (b"mg_", 401, 401, 401, 401, 401),
    (b"x" * 7000, 401, 401, 401, 401, 401),
]


@pytest.mark.parametrize("cells", CELLS, ids=lambda cells: cells[0][:24].decode())
def test_the_decision_table(cells: tuple[object, ...]) -> None:
    key = cells[0]
    assert isinstance(key, bytes)
    columns = [
        (Standing.FRESH, True),
        (Standing.STALE, True),
        (Standing.STALE, False),
        (Standing.EXPIRED, True),
        (Standing.ABSENT, True),
    ]
    for (standing, answers), expected in zip(columns, cells[1:], strict=True):
        known = accounts(standing)
        known.answers = answers
        found = asyncio.run(later(method(known)(exchange_of(b"X-API-Key: " + key))))
        assert outcome(found) == expected, (standing, answers)
        if standing is not Standing.STALE:
            assert known.asked == [], "nobody asks accounts about a request"


def test_serving_while_accounts_is_silent_is_counted() -> None:
    known = accounts(Standing.STALE)
    now_of(method(known)(exchange_of(b"X-API-Key: " + KEY)))
    assert known.stale_serves == 1
    assert known.uses == [(KEY.split(b"_")[2], NOW)]


def test_a_replica_that_can_not_be_read_refuses_nobody() -> None:
    known = accounts()
    known.is_readable = False
    assert outcome(now_of(method(known)(exchange_of(b"X-API-Key: " + KEY)))) == 503


@pytest.mark.parametrize(
    ("exchange", "carrier"),
    [
        (exchange_of(b"X-API-Key: " + KEY), b"x-api-key"),
        (exchange_of(b"Authorization: Bearer " + KEY), b"authorization"),
        (exchange_of(b"Authorization: bearer  " + KEY), b"authorization"),
    ],
)
def test_where_a_key_may_come(exchange: Exchange, carrier: bytes) -> None:
    found = now_of(method(accounts())(exchange))
    assert isinstance(found, Proof)
    assert (found.identity.client, found.identity.scopes, found.carrier) == ("cl_1", {"read"}, carrier)
    assert found.identity.record.id == "cl_1"


@pytest.mark.parametrize(
    "exchange",
    [
        exchange_of(),
        exchange_of(b"Authorization: Basic " + KEY),
        exchange_of(b"Authorization: Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2ln"),
        exchange_of(b"X-Key: " + KEY),
        exchange_of(target=b"/?api_key=" + KEY),
    ],
)
def test_where_none_is_looked_for(exchange: Exchange) -> None:
    assert now_of(method(accounts())(exchange)) is None


def test_another_header_and_the_query_where_that_is_asked_for() -> None:
    one = method(accounts(), ApiKeyPlan(b"x-key", b"api_key"))
    assert outcome(now_of(one(exchange_of(b"X-Key: " + KEY)))) == "cl_1"
    found = now_of(one(exchange_of(target=b"/a?b=1&api_key=" + KEY)))
    assert isinstance(found, Proof)
    assert (found.carrier, found.query) == (b"", b"?b=1")


def test_a_proof_ends_with_its_key() -> None:
    found = now_of(method(accounts())(exchange_of(b"X-API-Key: " + OTHER)))
    assert isinstance(found, Proof)
    assert found.until == NOW + 5


def test_without_accounts_there_are_no_keys() -> None:
    with pytest.raises(ValueError, match="there is no `accounts` in the config"):
        ApiKeyPlan().bind(Tools())


def test_an_identity_ends_with_its_key() -> None:
    known = accounts()
    found = now_of(method(known)(exchange_of(b"X-API-Key: " + KEY)))
    assert isinstance(found, Proof)
    identity = found.identity
    same = now_of(identity.judge.again(identity))
    assert isinstance(same, Identity)
    assert same.client == identity.client
    known.replace()
    known.now_standing = Standing.STALE  # accounts is asked, and does not know it either
    gone = asyncio.run(later(identity.judge.again(identity)))
    assert isinstance(gone, Refusal)
    assert gone.reason == "key_unknown"
