"""Decisions without a socket: what the parser refuses, the router misses, and the route limits."""

from __future__ import annotations

import pytest

from moongate.compile.compiler import JUDGES, compile_config
from moongate.compile.offline import Request, decide, read_head
from moongate.config import parse
from moongate.core.errors import MessageRefused

SNAPSHOT = compile_config(
    parse(
        """
version: 1
services: {a: {targets: [http://a]}}
routes:
  - {name: read, match: {path: "/cars/{id}", methods: GET}, service: a}
  - {name: write, match: {path: "/cars/{id}", methods: PUT}, service: a, max_body: 5B}
  - {name: site, match: {host: site.example}, service: a}
  - {name: star, match: {path: "*", methods: OPTIONS}, service: a}
""",
        "f.yaml",
        JUDGES,
    ),
    1,
)


@pytest.mark.parametrize(
    ("method", "url", "headers", "outcome"),
    [
        ("GET", "/cars/7", (), "read"),
        ("HEAD", "/a/../cars/./7?x=1#fragment", (), "read"),
        ("GET", "http://site.example:8080/x", (), "site"),
        ("GET", "https://site.example", (), "site"),
        ("GET", "http://SITE.example?q", (), "site"),
        ("GET", "/x", (("Host", "site.example"),), "site"),
        ("OPTIONS", "*", (), "star"),
        ("PUT", "/cars/7", (("Content-Length", "5"),), "write"),
        ("PUT", "/cars/7", (("Content-Length", "6"),), 413),
        ("DELETE", "/cars/7", (), 405),
        ("GET", "/x", (), 404),
        ("GET", "/a b", (), 400),
        ("GET", "/%00", (), 400),
        ("GET", "/é", (), 400),
        ("GET", "x", (), 400),
        ("GET", "/cars/7", (("Host", "a"), ("Host", "b")), 400),
        ("GET", "/cars/7", (("Content-Length", "1"), ("Transfer-Encoding", "chunked")), 400),
        ("GET", "http://user@site.example/", (), 400),
        ("GET", "/" + "x" * 9000, (), 414),
        ("GET", "/cars/7", (("X", "y" * 20_000),), 431),
    ],
)
def test_outcomes(method: str, url: str, headers: tuple[tuple[str, str], ...], outcome: str | int) -> None:
    decision = decide(SNAPSHOT, Request(method, url, headers))
    found = decision.failure.status if decision.failure else decision.route and decision.route.name
    assert found == outcome


def test_a_refused_method_tells_which_would_do() -> None:
    assert decide(SNAPSHOT, Request("DELETE", "/cars/7")).allowed == (b"GET", b"HEAD", b"PUT")


@pytest.mark.parametrize(
    "request_", [Request("GET\r\nX: y", "/"), Request("GET", "/\n"), Request("GET", "/", (("X", "a\r\nb: c"),))]
)
def test_a_line_break_makes_no_second_header(request_: Request) -> None:
    with pytest.raises(ValueError, match="line break"):
        decide(SNAPSHOT, request_)


def test_read_head_raises_what_the_parser_raises() -> None:
    with pytest.raises(MessageRefused) as raised:
        read_head(Request("GET", "/%2f"))
    assert raised.value.failure.status == 400


def test_a_request_prints_as_given() -> None:
    assert str(Request("GET", "/a")) == "GET /a"
