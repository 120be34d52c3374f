"""Hosts, conditions, and the order between routes."""

from __future__ import annotations

import pytest

from gateway_harness.heads import make_head
from moongate.routing.match import Condition, HostError, HostPattern, Match
from moongate.routing.pattern import PathPattern


@pytest.mark.parametrize(
    ("pattern", "accepted", "refused"),
    [
        ("example.com", [b"example.com"], [b"www.example.com", b"", b"example.co"]),
        ("Example.COM.", [b"example.com"], []),
        ("*.example.com", [b"a.example.com", b"b.a.example.com"], [b"example.com", b".example.com", b"aexample.com"]),
        ("münchen.example", [b"xn--mnchen-3ya.example"], []),
        ("10.0.0.1", [b"10.0.0.1"], []),
        ("[::1]", [b"[::1]"], []),
        ("my_service", [b"my_service"], []),
    ],
)
def test_host_pattern(pattern: str, accepted: list[bytes], refused: list[bytes]) -> None:
    parsed = HostPattern.parse(pattern)
    assert [host for host in accepted if not parsed.accepts(host)] == []
    assert [host for host in refused if parsed.accepts(host)] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("*", "'*' takes every host: leave `host` out instead"),
        ("https://example.com", "a host is a name only, without scheme and path: example.com"),
        ("example.com:8080", "a host stands without port: the port is the listener's"),
        ("a..b", "not a host name; write example.com or *.example.com"),
        ("api.*.com", "not a host name; write example.com or *.example.com"),
        ("", "not a host name; write example.com or *.example.com"),
        ("a" * 64 + ".com", "not a host name; write example.com or *.example.com"),
        ("ü" * 80, "not a host name; write example.com or *.example.com"),
    ],
)
def test_a_wrong_host_is_told_what_to_write(text: str, message: str) -> None:
    with pytest.raises(HostError) as raised:
        HostPattern.parse(text)
    assert str(raised.value) == message


def test_a_host_pattern_prints_as_written() -> None:
    assert [str(HostPattern.parse(text)) for text in ("a.example", "*.example")] == ["a.example", "*.example"]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Condition("header", b"x-version", b"2"), True),
        (Condition("header", b"x-version", b"3"), False),
        (Condition("header", b"x-version", None), True),
        (Condition("header", b"x-other", None), False),
        (Condition("query", b"q", b"a b"), True),
        (Condition("query", b"q", b"second"), False),
        (Condition("query", b"empty", b""), True),
        (Condition("query", b"bare", None), True),
        (Condition("query", "schlüssel".encode(), b"1"), True),
        (Condition("query", b"", None), False),
        (Condition("query", b"absent", None), False),
    ],
)
def test_condition(condition: Condition, holds: bool) -> None:
    head = make_head("GET", "/?q=a+b&q=second&&empty=&bare&schl%C3%BCssel=1", "X-Version: 2", "X-VERSION: 3")
    assert condition.holds(head) is holds


def test_a_condition_prints_what_it_asks() -> None:
    assert str(Condition("header", b"x-version", b"2")) == "header x-version=2"
    assert str(Condition("query", b"q", None)) == "query q"


def match(path: str = "/a", host: str = "", methods: str = "", header: dict[str, str | None] | None = None) -> Match:
    return Match(
        PathPattern.parse(path),
        tuple(HostPattern.parse(each) for each in host.split()),
        frozenset(methods.encode().split()) or None,
        tuple(Condition("header", k.encode(), v if v is None else v.encode()) for k, v in (header or {}).items()),
    )


def test_order_host_then_path_then_conditions_then_methods() -> None:
    best_first = [
        match("/**", host="a.b.example"),
        match("/a", host="*.b.example"),
        match("/a", host="*.example"),
        match("/a", header={"x": "1", "y": None}),
        match("/a", header={"x": "1"}, methods="GET"),
        match("/a", header={"x": "1"}),
        match("/a", header={"x": None}),
        match("/a", methods="GET"),
        match("/a"),
        match("/{x}", header={"x": "1", "y": "2", "z": "3"}),
    ]
    ordered = sorted(best_first, key=lambda each: each.order(each.hosts[0] if each.hosts else None))
    assert ordered == best_first


def test_get_brings_head() -> None:
    assert match(methods="GET").accepted_methods == {b"GET", b"HEAD"}
    assert match(methods="POST").accepted_methods == {b"POST"}
    assert match().accepted_methods is None


@pytest.mark.parametrize(
    ("one", "other", "ties"),
    [
        (match(), match(), True),
        (match(methods="GET"), match(methods="HEAD"), True),
        (match(methods="GET"), match(methods="POST"), False),
        (match(methods="GET"), match(), False),
        (match(host="a.example"), match(host="b.example"), False),
        (match(host="a.example b.example"), match(host="b.example"), True),
        (match(host="a.example"), match(), False),
        (match(host="*.example"), match(host="a.example"), False),
        (match(header={"x": "1"}), match(header={"x": "2"}), False),
        (match(header={"x": "1"}), match(header={"y": "1"}), True),
        (match(header={"x": "1"}), match(header={"x": None}), False),
        (match("/{a}"), match("/{b}"), True),
        (match("/{a}"), match("/b"), False),
    ],
)
def test_ties(one: Match, other: Match, ties: bool) -> None:
    assert one.ties(other) is ties
    assert other.ties(one) is ties
