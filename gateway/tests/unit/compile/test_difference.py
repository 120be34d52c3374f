"""Behaviour compared: settings as compiled, and the requests that would end elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moongate.compile.compiler import JUDGES, compile_config
from moongate.compile.difference import Change, changed_settings, example_requests, moved_requests, outcome
from moongate.compile.offline import Request, decide
from moongate.config import Environment, parse
from moongate.routing import Match, PathPattern, PatternError

if TYPE_CHECKING:
    from moongate.compile import Snapshot


TEXT = """
version: 1
services: {cars: {targets: [http://a]}, web: {targets: [http://b]}}
routes:
  - {name: car, match: {path: "/cars/{id}", methods: [GET]}, service: cars}
  - {name: site, match: {}, service: web}
"""


def snapshot(text: str) -> Snapshot:
    return compile_config(parse(text, "f.yaml", JUDGES), 1)


OLD = snapshot(TEXT)


def test_another_text_with_the_same_meaning_is_no_change() -> None:
    lines = TEXT.splitlines()
    reordered = "\n".join(
        [*lines[:4], lines[5], lines[4].replace("service: cars", "service: cars, max_body: 10240KiB"), ""]
    )
    new = snapshot("defaults: {timeouts: {connect: 3s}}\n" + reordered)
    assert changed_settings(OLD, new) == []
    assert list(moved_requests(OLD, new, example_requests(OLD, new))) == []


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("http://a]", "{url: http://a, weight: 2}]", ("service cars", "targets[http://a].weight", 1, 2)),
        ("[http://a]}", "[http://a], timeouts: {connect: 1s}}", ("service cars", "timeouts.connect", 3.0, 1.0)),
        ("methods: [GET]", "methods: [PUT]", ("route car", "methods", ["GET"], ["PUT"])),
        ("{}, service", "{}, max_body: 1KiB, service", ("route site", "max_body", 10 * 1024**2, 1024)),
        ("version: 1", "version: 1\naccess_log: false", ("access_log", "", "stdout", None)),
    ],
)
def test_a_changed_setting(old: str, new: str, change: tuple[object, ...]) -> None:
    found = changed_settings(OLD, snapshot(TEXT.replace(old, new)))
    assert [each[: len(change)] for each in found] == [change]


def test_another_secret_is_a_change_that_is_not_shown() -> None:
    def with_secret(key: str) -> Snapshot:
        text = TEXT + "accounts: {url: 'http://b', token: '${KEY}'}\n"
        text = text.replace("service: web}", "service: web, filters: [{request_headers: {set: {X-Key: '${KEY}'}}}]}")
        return compile_config(parse(text, "f.yaml", JUDGES, Environment({"KEY": key}.get, lambda *_: "")), 1)

    one, other = "0123456789abcdefghij", "jihgfedcba9876543210"
    assert changed_settings(with_secret(one), with_secret(one)) == []
    assert changed_settings(with_secret(one), with_secret(other)) == [
        Change("accounts", "token", "a secret", "another secret"),
        Change("route site", "filters", "a secret", "another secret"),
    ]


def test_targets_come_and_go_one_by_one() -> None:
    found = changed_settings(OLD, snapshot(TEXT.replace("http://a", "http://c")))
    assert [(each.key, each.old is None, each.new is None) for each in found] == [
        ("targets[http://a]", False, True),
        ("targets[http://c]", True, False),
    ]


def test_what_comes_and_goes_is_one_change_each() -> None:
    new = snapshot(TEXT.replace("name: car,", "name: vehicle,"))
    found = changed_settings(OLD, new)
    assert [(each.what, each.key, each.old is None, each.new is None) for each in found] == [
        ("route car", "", False, True),
        ("route vehicle", "", True, False),
    ]
    assert isinstance(found[0], Change)


def test_requests_that_end_elsewhere() -> None:
    new = snapshot(TEXT.replace('"/cars/{id}"', '"/cars/{id}/parts"'))
    moved = list(moved_requests(OLD, new, example_requests(OLD, new)))
    assert [(str(each.request), each.old, each.new) for each in moved] == [
        ("GET /cars/x", "route car, service cars", "route site, service web"),
        ("GET /cars/x/parts", "route site, service web", "route car, service cars"),
    ]


def test_the_gateways_own_answers_are_outcomes() -> None:
    assert outcome(decide(OLD, Request("GET", "/%2f"))) == "400 bad_request"
    text = TEXT.replace("match: {}", "match: {path: /home}")
    assert outcome(decide(snapshot(text), Request("DELETE", "/cars/7"))) == "405 method_not_allowed"


PATHS = (
    st.lists(st.sampled_from(["a", "b c", "{x}", "{y:v|w}", "**", ""]), min_size=1, max_size=4)
    .map("/".join)
    .map("/".__add__)
)


@settings(max_examples=200)
@given(
    PATHS,
    st.sampled_from([None, "h.example", "*.example"]),
    st.sampled_from([[], ["POST", "PUT"]]),
    st.dictionaries(st.sampled_from(["X-A", "X-B"]), st.sampled_from(["1", "a b", None])),
    st.dictionaries(st.sampled_from(["q", "ü r"]), st.sampled_from(["1", "a&b=c+d", None])),
)
def test_an_example_takes_the_route_it_was_made_for(
    path: str, host: str | None, methods: list[str], headers: dict[str, str | None], query: dict[str, str | None]
) -> None:
    try:
        PathPattern.parse(path)
    except PatternError:
        return
    match: dict[str, object] = {"path": path, "headers": headers, "query": query}
    match |= {"host": host} if host else {}
    match |= {"methods": methods} if methods else {}
    route = {"name": "r", "match": match, "service": "s"}
    made = parse(repr_yaml({"version": 1, "services": {"s": {"targets": ["http://a"]}}, "routes": [route]}), "f.yaml")
    compiled = compile_config(made, 1)
    for request in example_requests(compiled):
        assert decide(compiled, request).route is compiled.routes[0], request


def repr_yaml(data: object) -> str:
    """Flow YAML is nearly JSON."""
    import json

    return json.dumps(data)


def test_a_match_without_anything_has_the_plainest_example() -> None:
    assert Match(PathPattern.parse("/**")).path.literal is None
    assert next(example_requests(snapshot(TEXT.replace('"/cars/{id}", methods: [GET]', "/c")))) == Request("GET", "/c")
