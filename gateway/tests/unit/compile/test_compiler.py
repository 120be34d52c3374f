"""Config in, snapshot out; what golden files do not show."""

from __future__ import annotations

import time

import pytest

from gateway_harness.heads import make_head
from moongate.compile import JUDGES, UNLIMITED, compile_config, config_digest
from moongate.config import Config, ConfigInvalid, MatchConfig, RouteConfig, ServiceConfig, TargetConfig, parse

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


def test_the_digest_is_of_the_meaning_not_of_the_text() -> None:
    one = parse(TEXT, "f.yaml")
    other = parse(
        TEXT.replace("version: 1", "# a comment\nversion:   1").replace("http://a,", "'http://a/',"), "g.yaml"
    )
    assert config_digest(one) == config_digest(other)
    assert config_digest(one) != config_digest(parse(TEXT.replace("weight: 2", "weight: 3"), "f.yaml"))


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
    started = time.perf_counter()
    config = parse("\n".join(lines), "f.yaml", JUDGES)
    parsed = time.perf_counter()
    snapshot = compile_config(config, 1)
    compiled = time.perf_counter()
    assert snapshot.router.find(make_head("GET", "/b/1999/vans/7")).name == "r1999-2"  # type: ignore[union-attr]
    assert parsed - started < 5
    assert compiled - parsed < 4
