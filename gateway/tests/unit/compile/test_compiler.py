"""Config in, snapshot out; what golden files do not show."""

from __future__ import annotations

import time

import pytest

from gateway_harness.heads import make_head
from moongate.compile import UNLIMITED, TimeoutsPlan
from moongate.compile.compiler import JUDGES, compile_config
from moongate.compile.dump import dump_route
from moongate.config import (
    Config,
    ConfigInvalid,
    Environment,
    MatchConfig,
    RouteConfig,
    ServiceConfig,
    TargetConfig,
    parse,
)

TEXT = """
version: 1
services: {api: {targets: [http://a, {url: 'http://[::1]:81', weight: 2}]}, web: {targets: [http://b]}}
routes:
  - {name: all, match: {}, service: web, max_body: unlimited}
  - {name: cars, match: {path: "/cars/{id}", headers: {X-A: é}, query: {ü: 1}}, service: api}
"""


def test_routes_share_their_service_and_stand_in_match_order() -> None:
    snapshot = compile_config(parse(TEXT, "f.yaml", JUDGES), 7)
    assert [route.name for route in snapshot.routes] == ["cars", "all"]
    assert snapshot.routes[0].service is snapshot.services["api"]
    assert [target.identity for target in snapshot.services["api"].targets] == [("a", 80, False), ("::1", 81, False)]
    assert snapshot.routes[1].max_body == UNLIMITED
    assert snapshot.generation == 7


def test_the_router_finds_the_plan() -> None:
    snapshot = compile_config(parse(TEXT, "f.yaml", JUDGES), 1)
    assert snapshot.router.find(make_head("GET", "/cars/7?%C3%BC=1")) is snapshot.routes[1]
    head = make_head("GET", "/cars/7?%C3%BC=1", "X-a: é")
    assert snapshot.router.find(head) is snapshot.routes[0]
    assert snapshot.routes[0].pattern.capture(head.path) == {"id": "7"}


def digest(text: str, **variables: str) -> str:
    environment = Environment(variables.get, lambda source, path: "")
    return compile_config(parse(text, "f.yaml", JUDGES, environment), 1).digest


def test_the_digest_is_of_the_meaning_not_of_the_text() -> None:
    reworded = TEXT.replace("version: 1", "# a comment\nversion:   1\ndefaults: {}").replace(
        "http://a,", "'http://a/',"
    )
    assert digest(TEXT) == digest(reworded)
    assert digest(TEXT) == digest(
        TEXT.replace("{targets: [http://b]}", "{targets: [http://b], timeouts: {connect: 3000ms}}")
    )
    assert digest(TEXT) != digest(TEXT.replace("weight: 2", "weight: 3"))


def test_the_digest_is_of_secrets_as_well() -> None:
    text = TEXT.replace("X-A: é", "X-A: '${A}'")
    assert digest(text, A="1") != digest(text, A="2")


def test_a_value_from_outside_is_shown_as_it_was_written() -> None:
    environment = Environment({"A": "opensesame"}.get, lambda source, path: "swordfish")
    text = TEXT.replace("X-A: é, ", "").replace("X-A: é", "X-A: '${A}', X-B: '${file:b}', X-C: plain")
    snapshot = compile_config(parse(text, "f.yaml", JUDGES, environment), 1)
    route = snapshot.routes[0]
    assert (
        snapshot.router.find(make_head("GET", "/cars/7?%C3%BC=1", "X-A: opensesame", "X-B: swordfish", "X-C: plain"))
        is route
    )
    assert dump_route(route)["headers"] == {"x-a": "${A}", "x-b": "${file:b}", "x-c": "plain"}
    assert [str(each) for each in route.match.conditions[:2]] == ["header x-a=${A}", "header x-b=${file:b}"]


def test_defaults_fill_what_is_not_said() -> None:
    text = TEXT.replace("version: 1", "version: 1\ndefaults: {max_body: 1KiB, timeouts: {connect: 1s, body_idle: 9s}}")
    text = text.replace("[http://b]", "[http://b], timeouts: {connect: 3s}")
    snapshot = compile_config(parse(text, "f.yaml", JUDGES), 1)
    assert snapshot.services["web"].timeouts == TimeoutsPlan(connect=3.0, response_head=30.0, body_idle=9.0)
    assert snapshot.services["api"].timeouts == TimeoutsPlan(connect=1.0, response_head=30.0, body_idle=9.0)
    assert {route.name: route.max_body for route in snapshot.routes} == {"cars": 1024, "all": UNLIMITED}


def built(path: str, host: str, service: str) -> Config:
    return Config(
        version=1,
        services={"api": ServiceConfig(targets=(TargetConfig(url="http://a"),))},
        routes=(RouteConfig(name="r", match=MatchConfig(path=path, host=host), service=service),),
    )


def test_what_a_program_built_is_judged_as_well() -> None:
    with pytest.raises(ConfigInvalid) as raised:
        compile_config(built("no-slash", "a:80", "other"), 1)
    assert [str(problem) for problem in raised.value.problems] == [
        "routes.0.match.hosts: a host stands without port: the port is the listener's",
        "routes.0.match.path: a path starts with /, write '/no-slash'",
        "routes.0.service: no service is called 'other'",
    ]


def test_ten_thousand_routes_are_read_and_compiled_in_time() -> None:
    lines = ["version: 1", "services: {api: {targets: [http://a]}}", "routes:"]
    for number in range(2000):
        for index, path in enumerate(("/a/{}", "/a/{}/{{id}}", "/b/{}/{{k:cars|vans}}/**", "/c{}/**", "/{{t}}/{}/x")):
            name = f"r{number}-{index}"
            lines.append(f'  - {{name: {name}, match: {{path: "{path.format(number)}"}}, service: api}}')
    started = time.process_time()
    config = parse("\n".join(lines), "f.yaml", JUDGES)
    parsed = time.process_time()
    snapshot = compile_config(config, 1)
    compiled = time.process_time()
    assert snapshot.router.find(make_head("GET", "/b/1999/vans/7")).name == "r1999-2"  # type: ignore[union-attr]
    assert parsed - started < 5
    assert compiled - parsed < 4
