from gateway_harness.exchanges import exchange_of
from gateway_harness.known_accounts import client_record
from moongate.core.edits import FieldEdits
from moongate.core.exchange import Identity
from moongate.filters.policy_input import policy_input
from moongate.filters.resource import ResourcePlan
from moongate.stores.records import Plan


def test_a_policy_sees_the_request_that_the_service_would() -> None:
    exchange = exchange_of(b"X-Tenant: north", b"X-Tenant: south", target=b"/api/cars/7?a=1&a=2&b", method=b"DELETE")
    exchange.identity = Identity("cl_1", "jwt", frozenset(("write", "read")), {"tier": "gold"})
    exchange.edit(FieldEdits(frozenset(), b"X-Plan: basic\r\n"))
    plan = ResourcePlan("inventory/{kind}/{id?}", (b"inventory", 1, 2))
    assert policy_input(exchange, plan, ("x-tenant", "x-plan", "x-none")) == {
        "method": "DELETE",
        "path": "/api/cars/7",
        "segments": ["api", "cars", "7"],
        "host": "a.test",
        "query": {"a": ["1", "2"], "b": [""]},
        "headers": {"x-tenant": "north, south", "x-plan": "basic"},
        "client": "cl_1",
        "scopes": ["read", "write"],
        "claims": {"tier": "gold"},
        "plan": None,
        "labels": {},
        "resource": "inventory/cars/7",
        "action": "delete",
    }


def test_a_policy_knows_the_client_s_account() -> None:
    exchange = exchange_of()
    exchange.identity = Identity("cl_1", "jwt")
    exchange.identity.record = client_record("cl_1", plan=Plan("gold"), labels={"team": "fleet"})
    said = policy_input(exchange, None, ())
    assert (said["plan"], said["labels"]) == ("gold", {"team": "fleet"})


def test_a_resource_is_what_a_service_reads_however_it_was_written() -> None:
    plan = ResourcePlan("inventory/{kind}/{id}", (b"inventory", 1, 2))
    for written in (b"/api/cars/a@b", b"/api/c%61rs/a%40b"):
        said = policy_input(exchange_of(target=written), plan, ())
        assert (said["resource"], said["segments"]) == ("inventory/cars/a@b", ["api", "cars", "a@b"])
    said = policy_input(exchange_of(target=b"/api/caf%C3%A9/%ff%25"), plan, ())
    assert (said["resource"], said["path"]) == ("inventory/caf\u00e9/\\xff%", "/api/caf%C3%A9/%FF%25")


def test_nobody_asks_for_nothing_in_particular() -> None:
    exchange = exchange_of(target=b"/")
    exchange.query = b"?fleet=acme"
    said = policy_input(exchange, None, ())
    assert (said["client"], said["scopes"], said["claims"], said["resource"]) == (None, [], {}, None)
    assert (said["plan"], said["labels"]) == (None, {})
    assert (said["segments"], said["query"], said["headers"], said["action"]) == ([], {"fleet": ["acme"]}, {}, "read")
