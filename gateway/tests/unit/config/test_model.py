"""The model as a program sees it: typed values in, the same meaning out."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from moongate.config import (
    Config,
    ConfigInvalid,
    ListenerConfig,
    MatchConfig,
    RouteConfig,
    ServiceConfig,
    TargetConfig,
    TimeoutsConfig,
    parse,
)
from moongate.config.problem import Finding

TEXT = """
version: 1
access_log: off
trusted_proxies: [10.0.0.0/8]
services: {api: {targets: [http://a:8000], timeouts: {connect: 1500ms}}}
routes: [{name: all, match: {path: /a, methods: GET, host: a.example}, service: api, max_body: 1KiB}]
"""


def test_built_in_python_equals_read_from_yaml() -> None:
    built = Config(
        version=1,
        access_log=None,
        trusted_proxies=("10.0.0.0/8",),
        services={
            "api": ServiceConfig(targets=(TargetConfig(url="http://a:8000/"),), timeouts=TimeoutsConfig(connect=1.5))
        },
        routes=(
            RouteConfig(
                name="all",
                match=MatchConfig(path="/a", methods=("GET",), host="a.example"),
                service="api",
                max_body=1024,
            ),
        ),
    )
    assert built == parse(TEXT, "f.yaml")


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        parse(TEXT, "f.yaml").routes[0].name = "other"  # type: ignore[misc]


def test_defaults() -> None:
    config = parse("version: 1\nservices: {a: {targets: [http://a]}}\nroutes: [{name: a, match: {}, service: a}]", "f")
    assert config.listeners == (ListenerConfig(bind="127.0.0.1:8080"),)
    assert config.access_log == "stdout"
    assert config.trusted_proxies == ()
    assert config.services["a"].timeouts == TimeoutsConfig(connect=3.0, response_head=30.0, body_idle=60.0)
    assert config.routes[0].match.path == "/**"
    assert config.routes[0].max_body == 10 * 1024**2


def test_one_host_or_several_read_alike() -> None:
    assert MatchConfig(host="a").all_hosts == ("a",)
    assert MatchConfig(hosts=("a", "b")).all_hosts == ("a", "b")
    assert MatchConfig().all_hosts == ()


def test_bound_to_replaces_the_listeners() -> None:
    config = parse(TEXT, "f.yaml").bound_to("127.0.0.1:0")
    assert config.listeners == (ListenerConfig(bind="127.0.0.1:0"),)
    with pytest.raises(ConfigInvalid, match=r"--bind: 'x' has no port"):
        config.bound_to("x")


def test_a_problem_knows_its_line_only_where_there_was_a_text() -> None:
    config = parse(TEXT, "f.yaml")
    assert str(config.problem(Finding(("routes", 0, "service"), "wrong"))) == "f.yaml:6:81: wrong"
    built = Config.model_validate(config.model_dump())
    assert str(built.problem(Finding(("routes", 0, "service"), "wrong"))) == "routes.0.service: wrong"


def test_every_field_is_described_for_the_schema() -> None:
    schema = Config.model_json_schema()
    models = {"Config": schema, **schema["$defs"]}
    undescribed = [
        f"{name}.{key}"
        for name, model in models.items()
        for key, each in model["properties"].items()
        if "description" not in each
    ]
    assert undescribed == []
