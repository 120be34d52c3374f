"""A gateway written in Python is the same model as one in YAML; its mistakes are told at the line they were made."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from moongate.compile.compiler import JUDGES, compile_config
from moongate.compile.dump import dump_snapshot
from moongate.compile.lint import lint
from moongate.config import (
    EMPTY_ENVIRONMENT,
    Config,
    ConfigInvalid,
    Environment,
    Gateway,
    MatchConfig,
    RouteConfig,
    ServiceConfig,
    parse,
)
from moongate.config.builder import GatewaySettings, RouteSettings, ServiceSettings

YAML = """\
version: 1
listeners: [{bind: 127.0.0.1:80}]
access_log: false
defaults: {timeouts: {connect: 2s}, max_body: 1MiB}
dns: {servers: [10.0.0.2]}
filters: {stamp: {request_headers: {set: {X-Stamp: a}}}}
services:
  app: {targets: [http://a, {url: http://b, weight: 3}], timeouts: {body_idle: 5s}, tls: {verify: true}}
  cars: {targets: [{url: "http://cars.internal:81", resolve: addresses}]}
routes:
  - {name: acme, match: {host: acme.example, path: "/api/{id}", methods: [GET, PUT]}, service: app, upgrade: websocket}
  - name: cars
    match: {headers: {X-Version: 2, X-Any: }, query: {q: x}}
    service: cars
    max_body: unlimited
    priority: low
    filters: [stamp]
"""


def test_the_same_as_in_yaml() -> None:
    gateway = Gateway(
        listeners=[{"bind": "127.0.0.1:80"}],
        access_log=False,
        defaults={"timeouts": {"connect": 2.0}, "max_body": 1024 * 1024},
        dns={"servers": ("10.0.0.2",)},
        filters={"stamp": {"request_headers": {"set": {"X-Stamp": "a"}}}},
    )
    heavy = {"url": "http://b", "weight": 3}
    app = gateway.service("app", "http://a", heavy, timeouts={"body_idle": "5s"}, tls={"verify": True})
    gateway.route("acme", app, host="acme.example", path="/api/{id}", methods={"PUT", "GET"}, upgrade="websocket")  # type: ignore[typeddict-item]
    cars = gateway.service("cars", {"url": "http://cars.internal:81", "resolve": "addresses"})
    gateway.route(
        "cars",
        cars,
        headers={"X-Version": 2, "X-Any": None},
        query={"q": "x"},
        max_body="unlimited",
        priority="low",
        filters=["stamp"],
    )
    built, read = gateway.config(JUDGES), parse(YAML, "gateway.yaml", JUDGES)
    assert built == read.model_copy(update={"routes": built.routes}), "but for the order of methods"
    assert dump_snapshot(compile_config(built, 1)) == dump_snapshot(compile_config(read, 1))


def test_every_setting_of_the_model_can_be_given() -> None:
    """A field that is new in the model belongs into the builder's types, so that editors know of it."""
    assert set(GatewaySettings.__annotations__) == set(Config.model_fields) - {"version", "services", "routes"}
    assert set(ServiceSettings.__annotations__) == set(ServiceConfig.model_fields) - {"targets"}
    assert set(RouteSettings.__annotations__) == (set(MatchConfig.model_fields) | set(RouteConfig.model_fields)) - {
        "match",
        "name",
        "service",
    }


def problems_of(gateway: Gateway, environment: Environment | None = None) -> list[str]:
    text = Path(__file__).read_text()
    with pytest.raises(ConfigInvalid) as raised:
        compile_config(gateway.config(JUDGES, environment or EMPTY_ENVIRONMENT, {__file__: text}), 1)
    lines = text.splitlines()
    return [f"{lines[each.line - 1][each.col - 1 :][:9]}: {each.message}" for each in raised.value.problems]


def test_every_problem_at_the_argument_that_it_is_about() -> None:
    gateway = Gateway(listners=[{"bind": "x"}], limits={"in_flight": 0})  # type: ignore[call-arg]
    app = gateway.service("app", {"url": "b", "wait": 1}, timeouts={"connect": "5"})
    gateway.service("app", "http://x")
    for name in ("one", "one"):
        gateway.route(
            name,
            app,
            path="x",
            headers={"Host": "a"},
        )
    gateway.route("two", "ap", pth="/x", servis=1)  # type: ignore[call-arg]
    said = [re.sub(r"; see .*test_builder.py:\d+", "; see above", each) for each in problems_of(gateway)]
    assert said == [
        "listners=: unknown key `listners`, did you mean `listeners`?",
        "0})  # ty: `in_flight` must be at least 1",
        "\"b\", \"wai: 'b' has no scheme: write 'http://b'",
        '"wait": 1: unknown key `wait`, did you mean `weight`?',
        "\"5\"}): '5' has no unit: write 5s or 5ms",
        '"app", "h: `app` stands twice; see above',
        "name,: name 'one' stands twice; see above",
        "\"x\",: a path starts with /, write '/x'",
        '"Host": ": the host is matched with `host: NAME`, not as a header',
        "\"ap\", pth: no service is called 'ap'; did you mean 'app'?",
        'pth="/x",: unknown key `pth`, did you mean `path`?',
        "servis=1): unknown key `servis`, did you mean `service`?",
    ]


def test_problems_of_the_whole_and_warnings_have_their_places_too() -> None:
    gateway = Gateway()
    app = gateway.service("app", "http://a")
    gateway.route("one", app, path="/x")
    gateway.route("two", app, path="/x")
    [problem] = problems_of(gateway)
    assert problem.startswith("\"two\", ap: route 'two' and route 'one'")
    gateway = Gateway()
    gateway.service("unused", "http://a")  # moongate: allow unused-service because the test is about this comment
    gateway.route("one", gateway.service("app", "http://a"), max_body="unlimited")
    config = gateway.config(JUDGES, texts={__file__: Path(__file__).read_text()})
    assert [(each.code, each.excerpt.strip()[:13]) for each in lint(config, compile_config(config, 1))] == [
        ("unlimited-body", "gateway.route")
    ]


def test_values_from_outside_are_put_in_and_never_shown() -> None:
    secrets = Environment({"KEY": "hunter2"}.get, lambda _source, _path: "hunter2")
    gateway = Gateway()
    app = gateway.service("app", "http://a", timeouts={"connect": "${KEY}"})
    gateway.route("one", app, headers={"X-Key": "${file:key}", "X-No": "${NO}"})
    assert problems_of(gateway, secrets) == [
        '"${KEY}"}: the value of ${KEY} does not fit here (it is not shown): To accept a connection, as in 500ms.',
        '"${NO}"}): ${NO} is not set in the environment: set it, or write ${NO:-default}',
    ]
    gateway = Gateway()
    gateway.route("one", gateway.service("app", "http://a"), headers={"X-Key": "${KEY}"})
    shown = dump_snapshot(compile_config(gateway.config(JUDGES, secrets), 1))
    assert "hunter2" not in str(shown)
    assert "${KEY}" in str(shown)


def test_sections_that_have_methods_of_their_own() -> None:
    with pytest.raises(TypeError, match=r"gateway\.route\(\.\.\.\)"):
        Gateway(routes=[])  # type: ignore[call-arg]
    with pytest.raises(ConfigInvalid, match=r"test_builder\.py:\d+:1: `services` is empty"):
        Gateway().config()
