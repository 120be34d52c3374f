import pickle
import tracemalloc

import pytest

from gateway_harness.exchanges import exchange_of
from gateway_harness.known_accounts import client_record
from moongate.core.exchange import Exchange, Identity
from moongate.filters import Refusal, Tools
from moongate.filters.authorize import Authorize, AuthorizePlan
from moongate.filters.resource import ResourcePlan
from moongate.stores.records import Grant

RESOURCE = ResourcePlan("inventory/{kind}/{id?}", (b"inventory", 1, 2))
GRANTS = (
    Grant("inventory/cars/**", ("read",), query={"label": "fleet=acme"}),
    Grant("inventory/cars/7", ("read", "update")),
    Grant("inventory/cars/8", ("*",), "deny"),
    Grant("inventory/lorries", ("read",), expires_at=2000),
)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def step(clock: Clock, plan: AuthorizePlan | None = None) -> Authorize:
    bound = (plan or AuthorizePlan(RESOURCE)).bind(Tools(seconds=clock))
    assert isinstance(bound, Authorize)
    return bound


def asked(target: bytes, method: bytes = b"GET", identity: Identity | None = None) -> Exchange:
    exchange = exchange_of(target=target, method=method)
    if identity is None:
        identity = Identity("cl_1", "api_key")
        identity.record = client_record(grants=GRANTS)
    exchange.identity = identity
    return exchange


def reason(verdict: Refusal | None) -> str | None:
    return None if verdict is None else verdict.reason


@pytest.mark.parametrize(
    ("target", "method", "refused", "query"),
    [
        (b"/api/cars?limit=5&label=mine", b"GET", None, b"?limit=5&label=fleet%3Dacme"),
        (b"/api/cars/7", b"GET", None, None),
        (b"/api/cars/7", b"PATCH", None, None),
        (b"/api/cars/9", b"GET", None, b"?label=fleet%3Dacme"),
        (b"/api/cars/8", b"GET", "denied_by_grant", None),
        (b"/api/cars/8;x", b"GET", "denied_by_grant", None),
        (b"/api/cars/8%3Bx", b"GET", "denied_by_grant", None),
        (b"/api/cars;x/8", b"GET", "denied_by_grant", None),
        (b"/api/cars/7;x", b"GET", "no_grant", None),
        (b"/api/cars/9;x", b"GET", None, b"?label=fleet%3Dacme"),
        (b"/api/cars/9", b"DELETE", "no_grant", None),
        (b"/api/cars", b"POST", "no_grant", None),
        (b"/api/lorries", b"GET", None, None),
        (b"/api/trucks", b"GET", "no_grant", None),
    ],
)
@pytest.mark.parametrize("times", [1, 2])
def test_grants_decide(
    clock: Clock, target: bytes, method: bytes, refused: str | None, query: bytes | None, times: int
) -> None:
    one = step(clock)
    exchange = asked(target, method)
    for _ in range(times):  # the second time from memory
        exchange.query = None
        assert reason(one(exchange)) == refused
    assert exchange.query == query


def test_a_refusal_says_no_more_than_forbidden(clock: Clock) -> None:
    verdict = step(clock)(asked(b"/api/trucks"))
    assert verdict is not None
    assert (verdict.failure.status, verdict.failure.code, verdict.fields) == (403, "forbidden", ())


def test_a_grant_ends_when_it_says(clock: Clock) -> None:
    one = step(clock)
    exchange = asked(b"/api/lorries")
    assert one(exchange) is None
    clock.now = 1999.9
    assert one(exchange) is None
    clock.now = 2000.0
    assert reason(one(exchange)) == "no_grant"


def test_nobody_in_particular_is_told_to_show_a_credential(clock: Clock) -> None:
    exchange = asked(b"/api/cars")
    exchange.identity = None
    verdict = step(clock)(exchange)
    assert verdict is not None
    assert (verdict.failure.code, verdict.fields) == ("credentials_missing", ((b"WWW-Authenticate", b"Bearer"),))


def test_whom_accounts_does_not_know_has_no_grants(clock: Clock) -> None:
    assert reason(step(clock)(asked(b"/api/cars", identity=Identity("sub", "jwt")))) == "no_grant"


def test_scopes_and_claims_must_all_be_there(clock: Clock) -> None:
    plan = AuthorizePlan(None, frozenset(("read", "list")), (("tier", frozenset(("gold", "1"))),))
    one = step(clock, plan)

    def verdict(scopes: tuple[str, ...], claims: dict[str, object]) -> str | None:
        return reason(one(asked(b"/", identity=Identity("c", "jwt", frozenset(scopes), claims))))

    assert verdict(("read", "list", "more"), {"tier": "gold"}) is None
    assert verdict(("read", "list"), {"tier": ["silver", "gold"]}) is None
    assert verdict(("read", "list"), {"tier": 1}) is None
    assert verdict(("read",), {"tier": "gold"}) == "scope_missing"
    assert verdict(("read", "list"), {"tier": "silver"}) == "claim_missing"
    assert verdict(("read", "list"), {"tier": None}) == "claim_missing"
    assert verdict(("read", "list"), {}) == "claim_missing"


def test_what_is_remembered_is_bounded(clock: Clock) -> None:
    one = step(clock)
    identity = Identity("cl_1", "api_key")
    identity.record = client_record(grants=GRANTS)
    for number in range(3000):
        one(asked(b"/api/cars/x%d" % number, identity=identity))
    assert len(identity.record.compiled.remembered) <= 1024


def test_a_plan_travels_and_describes_itself() -> None:
    plan = AuthorizePlan(RESOURCE, frozenset(("b", "a")), (("tier", frozenset(("gold",))),))
    assert pickle.loads(pickle.dumps(plan)) == plan
    assert plan.describe() == {"resource": "inventory/{kind}/{id?}", "scopes": ["a", "b"], "claims": {"tier": ["gold"]}}


@pytest.mark.parametrize(
    ("target", "method", "why"),
    [
        (
            b"/api/cars/7",
            b"GET",
            "its grant 'allow read, update on inventory/cars/7' decides over read on inventory/cars/7",
        ),
        (b"/api/cars/8", b"GET", "its grant 'deny * on inventory/cars/8' decides over read on inventory/cars/8"),
        (b"/api/trucks", b"POST", "client cl_1 has no grant for create on inventory/trucks"),
    ],
)
def test_whoever_runs_the_gateway_is_told_why(target: bytes, method: bytes, why: str) -> None:
    assert AuthorizePlan(RESOURCE).why(asked(target, method), 1000.0) == why


def test_and_why_it_is_no_grant_that_decides() -> None:
    def why(plan: AuthorizePlan, identity: Identity | None) -> str:
        exchange = asked(b"/api/cars")
        exchange.identity = identity
        return plan.why(exchange, 1000.0)

    needy = AuthorizePlan(None, frozenset(("read", "list")), (("tier", frozenset(("gold",))),))
    assert why(needy, None) == "nobody was authenticated"
    assert why(needy, Identity("c", "jwt", frozenset(("read",)))) == "the credential has not the scope list"
    scoped = frozenset(("read", "list"))
    assert why(needy, Identity("c", "jwt", scoped)) == "the token has not the claims tier as they are asked for"
    assert why(needy, Identity("c", "jwt", scoped, {"tier": "gold"})).endswith("no grant is asked for")
    assert why(AuthorizePlan(RESOURCE), Identity("c", "jwt")).startswith("accounts does not know client c")


def test_what_is_remembered_of_all_clients_has_one_bound(clock: Clock) -> None:
    one = step(clock)
    identities = [Identity(f"cl_{number}", "api_key") for number in range(8)]
    for identity in identities:
        identity.record = client_record(identity.client, grants=GRANTS)
    tracemalloc.start()
    try:
        for identity in identities:
            for number in range(1000):
                one(asked(b"/api/cars/%d%b" % (number, b"a" * 8000), identity=identity))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 40 * 1024 * 1024
    assert one(asked(b"/api/cars/7", identity=identities[0])) is None
