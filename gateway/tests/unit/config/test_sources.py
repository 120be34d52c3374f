"""Several texts as one config, each problem in its own file; and no value from outside in any message."""

from __future__ import annotations

import pytest

from moongate.compile.compiler import JUDGES, compile_config
from moongate.config import Config, ConfigInvalid, Environment, parse, parse_parts

MAIN = "version: 1\nservices:\n  a: {targets: [http://a]}\n"
MORE = "services:\n  b: {targets: [http://b]}\nroutes:\n  - {name: one, match: {path: /1}, service: a}\n"
TOML = "version = 1\n[[routes]]\nname = 'two'\nmatch = {path = '/2'}\nservice = 'b'\n"
PARTS = [(MAIN, "main.yaml"), (MORE, "more.yaml"), (TOML, "more.toml")]


def problems_of(*parts: tuple[str, str]) -> list[str]:
    with pytest.raises(ConfigInvalid) as raised:
        compile_config(parse_parts(parts, JUDGES), 1)
    return [str(problem) for problem in raised.value.problems]


def test_lists_are_joined_and_mappings_merged() -> None:
    config = parse_parts(PARTS, JUDGES)
    assert [route.name for route in config.routes] == ["one", "two"]
    assert set(config.services) == {"a", "b"}
    whole = MAIN + MORE.removeprefix("services:\n") + "  - {name: two, match: {path: /2}, service: b}\n"
    assert config == parse(whole, "whole.yaml")


def test_each_problem_is_told_in_its_own_file() -> None:
    wrong = [
        (MAIN.replace("http://a", "a"), "main.yaml"),
        (MORE.replace("service: a", "service: z, x: 1"), "more.yaml"),
        (TOML.replace("'/2'", "'2'"), "more.toml"),
    ]
    keys = "`name`, `match`, `service`, `max_body`, `upgrade`, `priority`, `resource`, `actions` and `filters`"
    assert problems_of(*wrong) == [
        "main.yaml:3:17: 'a' has no scheme: write 'http://a'",
        "more.toml:4:17: a path starts with /, write '/2'",
        "more.yaml:4:45: no service is called 'z'; known are 'a', 'b'",
        f"more.yaml:4:48: unknown key `x`: known here are {keys}",
    ]


def test_what_stands_twice_says_where_it_stood_first() -> None:
    again = (
        "access_log: false\nservices:\n  a: {targets: [http://c]}\nroutes:\n  - {name: two, match: {}, service: a}\n"
    )
    assert problems_of(("access_log: true\n" + MAIN, "main.yaml"), *PARTS[1:], (again, "z.yaml")) == [
        "z.yaml:1:1: `access_log` stands twice; see main.yaml:1",
        "z.yaml:3:3: `a` stands twice; see main.yaml:4",
        "z.yaml:5:12: name 'two' stands twice; see more.toml:3",
    ]


def test_overlaps_across_files() -> None:
    problems = problems_of(*PARTS[:2], (TOML.replace("/2", "/1"), "more.toml"))
    assert len(problems) == 1
    assert problems[0].startswith("more.toml:4:9: route 'two' and route 'one' can take the same request")
    assert problems[0].endswith("; see more.yaml:4")


def test_parts_that_are_none() -> None:
    assert problems_of(PARTS[0], ("- a", "list.yaml"), ("", "empty.yaml"), ("version: 2", "two.yaml")) == [
        "list.yaml:1:1: a part of a config is a mapping, with keys such as `routes`",
        "main.yaml:1:1: `routes` is missing",
        "two.yaml:1:1: `version` stands twice; see main.yaml:1",
    ]
    assert problems_of(("a: [", "a.yaml"), ("b = ", "b.toml"), ("\x00", "c.yaml")) == [
        "a.yaml:2:1: not YAML: did not find expected node content (while parsing a flow node, begun in line 2)",
        "b.toml:1:5: not TOML: no value here; text stands in quotes",
        "c.yaml:1:1: not YAML: the character U+0000 is not allowed in it",
    ]


CANARY = "CANARY-7f3a"
SECRET = Environment({"X": CANARY}.get, lambda source, path: CANARY + "\n")
WRONG_EVERYWHERE = """
version: ${X}
listeners: [{bind: "${X}"}]
access_log: ${X}
trusted_proxies: ["${X}"]
defaults: {max_body: "${X}", timeouts: {connect: "${X}"}}
services:
  a: {targets: ["${X}", {url: "http://${X}/", weight: "${X}"}], timeouts: "${X}"}
  b: "${file:x}"
routes:
  - name: " ${X}"
    match: {path: "${X}", hosts: ["$ {X}", "${X}:80"], methods: ["${X}"], headers: {A: " ${file:x}"}, query: "${X}"}
    service: ${X}
    max_body: ${X}
  - ${X}
"""


def test_no_message_holds_a_value_from_outside() -> None:
    with pytest.raises(ConfigInvalid) as raised:
        parse(WRONG_EVERYWHERE, "f.yaml", JUDGES, SECRET)
    messages = [str(problem) for problem in raised.value.problems]
    assert len(messages) >= 18
    assert [message for message in messages if "CANARY" in message.upper() or "7f3a" in message] == []
    assert [problem.excerpt for problem in raised.value.problems if CANARY in problem.excerpt] == []
    assert (
        "f.yaml:3:20: the value of ${X} does not fit here (it is not shown): "
        "ADDRESS:PORT, an IPv6 address in brackets. 0.0.0.0 is every address, 127.0.0.1 this machine only."
    ) in messages


def test_no_problem_of_the_whole_holds_a_value_from_outside() -> None:
    text = """
version: 1
listeners: [{bind: "127.0.0.1:${P}"}, {bind: "localhost:${P}"}]
services: {a: {targets: ["http://${X}", "http://${X}:80"]}}
routes: [{name: a, match: {}, service: a}]
"""
    with pytest.raises(ConfigInvalid) as raised:
        compile_config(parse(text, "f.yaml", JUDGES, Environment({"P": "80", "X": "canary"}.get, lambda s, p: "")), 1)
    assert [str(problem) for problem in raised.value.problems] == [
        "f.yaml:3:46: the value of localhost:${P} does not fit here (it is not shown): bound twice",
        (
            "f.yaml:4:41: the value of http://${X}:80 does not fit here (it is not shown): "
            "this target stands twice: give it a `weight` instead"
        ),
    ]


def test_written_gives_what_stood_there() -> None:
    config: Config = parse(
        MAIN + "routes: [{name: a, match: {headers: {X: '${X}'}}, service: a}]", "f.yaml", None, SECRET
    )
    assert config.routes[0].match.headers == {"X": CANARY}
    assert config.written(("routes", 0, "match", "headers", "X")) == "${X}"
    assert config.written(("routes", 0, "name")) is None
    assert config.sources is not None
    assert config.sources.line(("routes", 0)) == "f.yaml:4"


def test_what_was_put_in_is_not_shown_where_settings_are_written_short() -> None:
    text = MAIN + (
        "filters: {a: {authenticate: [{introspection: {service: a, path: '${PLACE}', token: t}}]}}\n"
        "routes: [{name: r, match: {path: /}, service: a, filters: [a]}]\n"
    )
    with pytest.raises(ConfigInvalid) as raised:
        parse(text, "f.yaml", JUDGES, Environment({"PLACE": "s3cr3t"}.get, lambda *_: ""))
    (problem,) = raised.value.problems
    assert str(problem).startswith("f.yaml:4:65: the value of ${PLACE} does not fit here (it is not shown)")
