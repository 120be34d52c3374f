"""Open Policy Agent, played by hand: what it is told, and what follows from what it answers."""

import asyncio
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_harness.exchanges import exchange_of
from gateway_harness.fetches import PlayedServices, fetched
from gateway_harness.known_accounts import client_record
from moongate.core.edits import FieldEdits
from moongate.core.exchange import Exchange, Identity
from moongate.core.fetching import Fetched, FetchFailed
from moongate.filters import Filter, Refusal, Tools
from moongate.filters.authorize import Authorize, AuthorizePlan
from moongate.filters.opa import Opa, OpaPlan
from moongate.filters.resource import ResourcePlan
from moongate.stores.records import Grant

RESOURCE = ResourcePlan("inventory/{kind}/{id?}", (b"inventory", 1, 2), ((b"POST", "book"),))
PLAN = OpaPlan("opa", "/v1/data/gateway/allow", ("x-tenant",), 1.0, RESOURCE)
YES = fetched(200, b"", b'{"result": true}')


def identity(*grants: Grant) -> Identity:
    made = Identity("cl_1", "jwt", frozenset(("write", "read")), {"tier": "gold", "n": 1})
    made.record = client_record(grants=grants)
    return made


def exchange_by(who: Identity | None, *lines: bytes, target: bytes = b"/", method: bytes = b"GET") -> Exchange:
    exchange = exchange_of(*lines, target=target, method=method)
    exchange.identity = who
    return exchange


def judged(
    *answers: Fetched | FetchFailed, plan: AuthorizePlan | None = None, exchange: Exchange | None = None
) -> tuple[Any, PlayedServices]:
    services = PlayedServices(*answers)
    step = (plan or AuthorizePlan(None, opa=PLAN)).bind(Tools(fetching=services))
    return _run(step, exchange or exchange_by(identity())), services


def _run(step: Filter, exchange: Exchange) -> Any:
    verdict = step(exchange)
    if verdict is None or isinstance(verdict, Refusal):
        return verdict

    async def wait() -> Any:
        return await verdict  # type: ignore[misc]

    return asyncio.run(wait())


def test_what_the_policy_is_told() -> None:
    exchange = exchange_by(
        identity(),
        b"X-Tenant: a",
        b"x-tenant: b\xc3\xa9",
        b"Cookie: secret=1",
        b"X-Client-Id: root",
        target=b"/api/cars/7?a=1&a=2&b&c=%C3%A9",
        method=b"POST",
    )
    verdict, services = judged(YES, exchange=exchange)
    assert verdict is None
    (request,) = services.requests
    assert (request.service, request.method, request.target) == ("opa", b"POST", b"/v1/data/gateway/allow")
    assert request.lines == b"Content-Type: application/json\r\nAccept: application/json\r\n"
    assert json.loads(request.body) == {
        "input": {
            "method": "POST",
            "path": "/api/cars/7",
            "segments": ["api", "cars", "7"],
            "host": "a.test",
            "query": {"a": ["1", "2"], "b": [""], "c": ["é"]},
            "headers": {"x-tenant": "a, bé"},
            "client": "cl_1",
            "scopes": ["read", "write"],
            "claims": {"tier": "gold", "n": 1},
            "plan": None,
            "labels": {},
            "resource": "inventory/cars/7",
            "action": "book",
        }
    }


def test_it_is_told_of_nobody_and_of_no_resource() -> None:
    exchange = exchange_by(None, b"X-Tenant: a", target=b"/?a", method=b"DELETE")
    exchange.edit(FieldEdits(frozenset((b"x-tenant",)), b"X-Tenant: b\r\n"))
    exchange.query = b""
    verdict, services = judged(
        YES, plan=AuthorizePlan(None, opa=OpaPlan("opa", "/p", ("x-tenant",))), exchange=exchange
    )
    assert verdict is None
    said = json.loads(services.requests[0].body)["input"]
    assert (said["client"], said["scopes"], said["claims"], said["resource"]) == (None, [], {}, None)
    assert (said["action"], said["query"], said["segments"]) == ("delete", {}, [])
    assert said["headers"] == {"x-tenant": "b"}, "as filters before it left them"


@pytest.mark.parametrize(
    "body",
    [b'{"result": true}', b'{"result": {"allow": true, "reasons": []}, "decision_id": "4ca6"}', b' {"result":true}\n'],
)
def test_it_allows(body: bytes) -> None:
    assert judged(fetched(200, b"", body))[0] is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"result": false}',
        b'{"result": {"allow": false}}',
        b'{"result": {"deny": ["no"]}}',
        b'{"result": {}}',
        b"{}",
        b'{"decision_id": "4ca6", "warning": {"code": "api_usage_warning"}}',
    ],
)
def test_it_denies_and_so_does_what_is_undefined(body: bytes) -> None:
    verdict, _ = judged(fetched(200, b"", body))
    assert (verdict.failure.code, verdict.reason) == ("forbidden", "opa_denied")
    verdict, _ = judged(fetched(200, b"", body), exchange=exchange_by(None))
    assert (verdict.failure.status, verdict.reason) == (401, "opa_denied")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (fetched(200, b"", b""), "opa_bad_json"),
        (fetched(200, b"", b"<html>"), "opa_bad_json"),
        (fetched(200, b"", b"[" * 60_000), "opa_bad_json"),
        (fetched(200, b"", b'{"result": true'), "opa_bad_json"),
        (fetched(200, b"", b"true"), "opa_bad_document"),
        (fetched(200, b"", b'{"result": "true"}'), "opa_bad_result"),
        (fetched(200, b"", b'{"result": 1}'), "opa_bad_result"),
        (fetched(200, b"", b'{"result": null}'), "opa_bad_result"),
        (fetched(200, b"", b'{"result": [true]}'), "opa_bad_result"),
        (fetched(200, b"", b'{"result": {"allow": "yes"}}'), "opa_bad_result"),
        (fetched(201, b"", b'{"result": true}'), "opa_status_201"),
        (fetched(302, b"Location: /\r\n"), "opa_status_302"),
        (fetched(400, b"", b'{"code": "invalid_parameter"}'), "opa_status_400"),
        (fetched(401), "opa_status_401"),
        (fetched(404), "opa_status_404"),
        (fetched(500), "opa_status_500"),
        (FetchFailed("timeout"), "opa_timeout"),
    ],
)
def test_what_is_no_decision_is_no_permission(answer: Fetched | FetchFailed, reason: str) -> None:
    verdict, _ = judged(answer)
    assert (verdict.failure.code, verdict.reason) == ("dependency_unavailable", reason)


@given(
    st.binary(max_size=60)
    | st.recursive(st.none() | st.booleans() | st.integers(), st.lists).map(
        lambda it: json.dumps({"result": it}).encode()
    )
)
def test_only_true_is_permission(body: bytes) -> None:
    verdict, _ = judged(fetched(200, b"", body))
    if verdict is None:
        assert json.loads(body)["result"] is True


def test_it_is_asked_behind_what_is_known_here() -> None:
    plan = AuthorizePlan(RESOURCE, frozenset(("read",)), opa=PLAN)
    grant = Grant("inventory/cars/**", ("read",), query={"fleet": "acme"})
    for who, reason in ((None, "anonymous"), (Identity("cl_1", "jwt"), "scope_missing"), (identity(), "no_grant")):
        verdict, services = judged(YES, plan=plan, exchange=exchange_by(who, target=b"/api/cars/7"))
        assert (verdict.reason, services.requests) == (reason, [])
    verdict, services = judged(YES, plan=plan, exchange=exchange_by(identity(grant), target=b"/api/cars/7?fleet=x"))
    assert verdict is None
    assert json.loads(services.requests[0].body)["input"]["query"] == {"fleet": ["acme"]}


def test_plans() -> None:
    plan = AuthorizePlan(None, opa=PLAN)
    assert plan == pickle.loads(pickle.dumps(plan))
    assert plan != AuthorizePlan(None)
    assert isinstance(AuthorizePlan(RESOURCE).bind(Tools()), Authorize)
    assert isinstance(plan.bind(Tools()), Opa)
    assert plan.describe()["opa"] == {
        "service": "opa",
        "path": "/v1/data/gateway/allow",
        "headers": ["x-tenant"],
        "resource": "inventory/{kind}/{id?}",
        "actions": {"POST": "book"},
        "timeout": 1.0,
    }
    assert plan.hidden == (PLAN.path, None)
    assert AuthorizePlan(None).hidden is None
    assert plan.asking() == "asks service opa for POST /v1/data/gateway/allow, whether its policy allows that"
