"""What `moongate explain` says of a request is what the running gateway does with it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gateway_harness.gateway_process import GatewayProcess, running_gateway
from gateway_harness.origin import OriginConnection, ScriptedOrigin
from gateway_harness.polling import eventually
from gateway_harness.raw_client import RawClient
from moongate.compile.compiler import JUDGES, compile_config
from moongate.compile.offline import Request, decide, request_bytes
from moongate.config import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moongate.compile import Snapshot

ROUTES = """
services: {{one: {{targets: ['{one}']}}, two: {{targets: ['{two}']}}}}
routes:
  - {{name: root, match: {{path: /}}, service: one}}
  - {{name: cars, match: {{path: "/{{kind:cars|vans}}/{{id}}"}}, service: two}}
  - {{name: cars-write, match: {{path: "/cars/{{id}}", methods: [PUT, POST]}}, service: one, max_body: 5B}}
  - {{name: cars-seven, match: {{path: /cars/7, methods: [GET, DELETE]}}, service: one}}
  - {{name: beta, match: {{path: "/{{kind:cars|vans}}/{{id}}", headers: {{X-Beta: 1}}}}, service: one}}
  - {{name: any-beta, match: {{path: "/{{kind:cars|vans}}/**", headers: {{X-Beta: }}}}, service: two}}
  - {{name: red, match: {{path: "/vans/{{id}}", query: {{color: red}}}}, service: one}}
  - {{name: encoded, match: {{path: "/a b/~é"}}, service: two}}
  - {{name: shop, match: {{host: shop.example, path: /cars/**}}, service: one}}
  - {{name: shops, match: {{host: "*.shop.example", methods: GET}}, service: two}}
  - {{name: tail, match: {{path: "/{{x}}/parts/**", methods: [GET, OPTIONS]}}, service: one}}
  - {{name: star, match: {{path: "*"}}, service: two}}
"""

# Mostly requests that some route takes, so that every route has its share; the odd ones for the refusals.
USUAL_PATHS = [
    "/",
    "/cars/7",
    "/cars/8",
    "/vans/7",
    "/vans/a/b",
    "/cars/",
    "/a%20b/~%C3%A9",
    "/x/parts/y",
    "/cars/parts",
]
ODD_SEGMENTS = ["cars", "7", "a b", "%7E%c3%a9", "", ".", "..", "%2e", "%2F", "é", "x;y", "CARS", "%63ars"]
PATHS = st.sampled_from(USUAL_PATHS) | st.lists(st.sampled_from(ODD_SEGMENTS), max_size=4).map(
    lambda p: "/" + "/".join(p)
)
USUAL_HOSTS = ["", "", "http://shop.example", "http://A.Shop.Example:81", "http://other.example"]
ODD_HOSTS = ["http://a b", "http://u@x", "http://[::1]", "http://shop.example."]
METHODS = ["GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "NOSUCH"]
QUERIES = ["", "", "?", "?color=red", "?color=%72ed&color=blue", "?x=1&color"]
HEADERS = [
    ("X-Beta", "1"),
    ("x-beta", "2"),
    ("Content-Length", "6"),
    ("X_Beta", "1"),
    ("Connection", "X-Beta"),
    ("Host", "b"),
]
BODY = b"123456"


@st.composite
def requests(draw: st.DrawFn) -> Request:
    method = draw(st.sampled_from(METHODS))
    is_odd = draw(st.integers(0, 9)) == 0
    if is_odd and draw(st.booleans()):
        return Request(method, "*")
    host = draw(st.sampled_from(ODD_HOSTS if is_odd else USUAL_HOSTS))
    url = host + draw(PATHS) + draw(st.sampled_from(QUERIES))
    return Request(method, url, tuple(draw(st.lists(st.sampled_from(HEADERS), max_size=2))))


def names_itself(name: str) -> ScriptedOrigin:
    def script(connection: OriginConnection) -> None:
        while True:
            received = connection.read_head()
            connection.answer(200, b"" if received.method == "HEAD" else b"ok", f"X-Service: {name}")

    return ScriptedOrigin(script)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[GatewayProcess, Snapshot]]:
    """A gateway with the routes, and the same config compiled here."""
    with names_itself("one") as one, names_itself("two") as two:
        config = ROUTES.format(one=one.url, two=two.url)
        with running_gateway(Path(tmp_path_factory.mktemp("gateway")), config) as gateway:
            yield gateway, compile_config(parse("version: 1\n" + config, "f.yaml", JUDGES), 1)


def assert_agreement(live: tuple[GatewayProcess, Snapshot], request: Request, routes: dict[str, str | None]) -> None:
    """The answer is the expected one; ``routes`` takes the route that the log must show, by request id."""
    gateway, snapshot = live
    decision = decide(snapshot, request)
    with contextlib.closing(RawClient(gateway.port)) as client:
        client.send(request_bytes(request) + (BODY if ("Content-Length", "6") in request.headers else b""))
        response = client.read_response(request.method if request.method == "HEAD" else "GET")
    if decision.failure is not None:
        assert response.status == decision.failure.status
        assert request.method == "HEAD" or response.code == decision.failure.code
        assert response.value("allow") == (b", ".join(decision.allowed).decode() or None)
    else:
        assert decision.route is not None
        assert (response.status, response.value("x-service")) == (200, decision.route.service.name)
    request_id = response.value("x-request-id")
    assert request_id is not None
    routes[request_id] = None if decision.route is None else decision.route.name


def run_agreement(live: tuple[GatewayProcess, Snapshot], examples: int) -> None:
    routes: dict[str, str | None] = {}

    @settings(max_examples=examples, database=None, phases=[Phase.generate])
    @given(st.lists(requests(), min_size=10, max_size=10))
    def check(batch: list[Request]) -> None:
        for request in batch:
            assert_agreement(live, request, routes)

    check()
    logged: dict[str, str | None] = {}

    def is_logged() -> bool:
        logged.update({line["request_id"]: line["route"] for line in live[0].log_lines()})
        return routes.keys() <= logged.keys()

    eventually(is_logged, "every request in the access log")
    assert {request_id: logged[request_id] for request_id in routes} == routes
    assert len(routes) >= examples * 10


def test_a_thousand_generated_requests(live: tuple[GatewayProcess, Snapshot]) -> None:
    run_agreement(live, 100)


@pytest.mark.slow
def test_ten_thousand_generated_requests(live: tuple[GatewayProcess, Snapshot]) -> None:
    run_agreement(live, 1000)
