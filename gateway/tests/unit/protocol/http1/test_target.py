"""Targets: the four forms, and one canonical path that no two parsers read differently."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_harness.reading import Refusal
from moongate.core.errors import MessageRefused
from moongate.protocol.http1.target import (
    PLAIN_PATH,
    PLAIN_QUERY,
    canonical_path,
    host_of,
    split_target,
    without_parameters,
)

CANONICAL = [
    ("/", "/"),
    ("/a", "/a"),
    ("/a/", "/a/"),
    ("/a/b.c/~d_e-f", "/a/b.c/~d_e-f"),
    ("/a!$&'()*+,=:@b", "/a!$&'()*+,=:@b"),
    # empty segments and dot segments
    ("//", "/"),
    ("//a", "/a"),
    ("/a//b", "/a/b"),
    ("/a///", "/a/"),
    ("/./a", "/a"),
    ("/a/.", "/a/"),
    ("/a/./b", "/a/b"),
    ("/a/../b", "/b"),
    ("/a/b/..", "/a/"),
    ("/a/..", "/"),
    ("/a/../", "/"),
    ("/a//../b", "/b"),
    # segments that begin with dots and are none of those
    ("/.well-known/x", "/.well-known/x"),
    ("/...", "/..."),
    ("/..a/.b", "/..a/.b"),
    # escapes: of unreserved characters decoded, all others in upper case
    ("/%61%7E%2D", "/a~-"),
    ("/%2e%2E/a", None),
    ("/a/%2e%2e/b", "/b"),
    ("/a/%2e/b", "/a/b"),
    ("/a/.%2e/b", "/b"),
    ("/%c3%a9", "/%C3%A9"),
    ("/a%20b", "/a%20b"),
    ("/a%3fb%23", "/a%3Fb%23"),
    ("/a%25", "/a%25"),
    ("/a%252e%252E", "/a%252e%252E"),
    ("/a%0a", "/a%0A"),
    # what browsers send raw
    ("/[a]|^`{}", "/%5Ba%5D%7C%5E%60%7B%7D"),
    # parameters stay with a segment that has a name
    ("/a;v=1/b", "/a;v=1/b"),
    ("/a%3Bv=1", "/a%3Bv=1"),
    # refused: climbing above the root
    ("/..", None),
    ("/../a", None),
    ("/a/../../b", None),
    ("//..", None),
    # refused: separators in disguise
    ("/a%2fb", None),
    ("/a%2Fb", None),
    ("/%2f", None),
    ("/a%5cb", None),
    ("/a%5C..%5Cb", None),
    ("/a\\b", None),
    ("/a%00", None),
    # refused: dot segments to servers that strip parameters
    ("/a/..;/b", None),
    ("/a/.;x/b", None),
    ("/a/;/b", None),
    ("/a/..;x=1", None),
    ("/a/..%3b/b", None),
    ("/a/%2e%2e%3B/b", None),
    ("/a/%3b", None),
    # refused: broken escapes
    ("/%", None),
    ("/%2", None),
    ("/%zz", None),
    ("/%2g", None),
    ("/%%32e", None),
    ("/%u002e", None),
    ("/% 2e", None),
    ("/%+2", None),
    # refused: what no URI holds
    ('/a"b', None),
    ("/a<b>", None),
    ("/a b", None),
    ("/é", None),
    ("/a\x7f", None),
    ("/a\x00", None),
    ("/a\n", None),
    ("/a?b", None),
    ("/a#b", None),
]


@pytest.mark.parametrize(("path", "canonical"), CANONICAL, ids=[path.encode().hex() for path, _ in CANONICAL])
def test_canonical_path(path: str, canonical: str | None) -> None:
    if canonical is not None:
        assert canonical_path(path.encode()) == canonical.encode()
        return
    with pytest.raises(MessageRefused) as caught:
        canonical_path(path.encode())
    assert Refusal.of(caught.value) == (400, "bad_request", "bad_path")


path_pieces = st.sampled_from(
    [
        b"/",
        b"//",
        b".",
        b"..",
        b"%2e",
        b"%2E",
        b"a",
        b"B",
        b";",
        b"%3b",
        b"%25",
        b"%41",
        b"%c3",
        b"%20",
        b"~",
        b"[",
        b"=",
    ]
)
paths = st.one_of(
    st.lists(path_pieces, max_size=12).map(lambda pieces: b"/" + b"".join(pieces)),
    st.binary(max_size=20).map(lambda data: b"/" + data),
)


def canonical_or_none(path: bytes) -> bytes | None:
    try:
        return canonical_path(path)
    except MessageRefused:
        return None


@given(paths)
def test_a_canonical_path_is_its_own_canonical_path(path: bytes) -> None:
    canonical = canonical_or_none(path)
    if canonical is not None:
        assert canonical_path(canonical) == canonical


@given(paths)
def test_no_two_parsers_read_a_canonical_path_differently(path: bytes) -> None:
    """Decoding before or after splitting, stripping parameters or not, resolving dots or not: the same segments."""
    canonical = canonical_or_none(path)
    if canonical is None:
        return
    assert canonical.startswith(b"/")
    assert re.fullmatch(rb"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})*", canonical)
    decoded = unquote_to_bytes(canonical)
    assert b"\x00" not in decoded
    assert b"\\" not in decoded
    segments = canonical.split(b"/")[1:]
    assert [unquote_to_bytes(segment) for segment in segments] == decoded.split(b"/")[1:]
    for segment in segments[:-1] if canonical != b"/" else []:
        assert segment not in {b"", b".", b".."}
    for segment in decoded.split(b"/")[1:]:
        assert segment == b"" or segment.partition(b";")[0] not in {b"", b".", b".."}


@given(paths)
def test_a_plain_path_is_canonical(path: bytes) -> None:
    """The pattern that lets a path through without looking further must let through canonical ones only."""
    if re.fullmatch(PLAIN_PATH, path):
        assert slow_canonical(path) == path


def slow_canonical(path: bytes) -> bytes | None:
    """The canonical path by the long way: an escaped letter at its end keeps the pattern from matching."""
    marked = canonical_or_none(path + b"%5A")
    return None if marked is None else marked[:-1]


@given(st.text('abc?%#&"<>[]é \x00', max_size=8).map(str.encode))
def test_a_plain_query_holds_nothing_that_a_request_line_must_not(query: bytes) -> None:
    if re.fullmatch(PLAIN_QUERY, query):
        assert split_target(b"GET", b"/" + query) == (b"/", query, None)
        assert not set(query) & set(b'#" \x00<>')
        assert query.isascii()


@pytest.mark.parametrize(
    ("method", "target", "path", "query", "authority"),
    [
        (b"GET", b"/a?b=c", b"/a", b"?b=c", None),
        (b"GET", b"/a?", b"/a", b"?", None),
        (b"GET", b"/a?b?c", b"/a", b"?b?c", None),
        (b"GET", b"/a?../%2f%zz", b"/a", b"?../%2f%zz", None),
        (b"GET", b"http://h/a?b", b"/a", b"?b", b"h"),
        (b"GET", b"HTTPS://H:1/a", b"/a", b"", b"H:1"),
        (b"GET", b"http://h", b"/", b"", b"h"),
        (b"GET", b"http://h?b", b"/", b"?b", b"h"),
        (b"GET", b"http://u@h/a/../b", b"/b", b"", b"u@h"),
        (b"GET", b"http:///a", b"/a", b"", b""),
        (b"OPTIONS", b"*", b"*", b"", None),
        (b"OPTIONS", b"http://h", b"*", b"", b"h"),
        (b"OPTIONS", b"http://h/", b"/", b"", b"h"),
        (b"OPTIONS", b"http://h?a", b"/", b"?a", b"h"),
    ],
)
def test_forms_of_a_target(method: bytes, target: bytes, path: bytes, query: bytes, authority: bytes | None) -> None:
    assert split_target(method, target) == (path, query, authority)


@pytest.mark.parametrize(
    "target",
    [
        b"a",
        b"*",
        b"*a",
        b"h:80",
        b"ftp://h/",
        b"file:///a",
        b"http:/h/a",
        b"//h#",
        b"/a#b",
        b"/a?b#",
        b"http://h/#",
        b"",
    ],
)
def test_no_other_form_is_known(target: bytes) -> None:
    with pytest.raises(MessageRefused) as caught:
        split_target(b"GET", target)
    assert Refusal.of(caught.value) == (400, "bad_request", "bad_target")


@pytest.mark.parametrize("method", [b"CONNECT", b"TRACE"])
@pytest.mark.parametrize("target", [b"/", b"h:1", b"*", b"http://h/"])
def test_no_tunnel_and_no_echo(method: bytes, target: bytes) -> None:
    with pytest.raises(MessageRefused) as caught:
        split_target(method, target)
    assert Refusal.of(caught.value) == (405, "method_not_allowed", "method_refused")
    assert caught.value.failure.closes


HOSTS = [
    (b"a", b"a"),
    (b"A.Example", b"a.example"),
    (b"a.example.", b"a.example"),
    (b"a:80", b"a"),
    (b"a:0", b"a"),
    (b"a:65535", b"a"),
    (b"127.0.0.1:8080", b"127.0.0.1"),
    (b"my_service", b"my_service"),
    (b"xn--bcher-kva.example", b"xn--bcher-kva.example"),
    (b"[::1]", b"[::1]"),
    (b"[2001:DB8::1]:443", b"[2001:db8::1]"),
    (b"[::ffff:192.0.2.1]", b"[::ffff:192.0.2.1]"),
    (b"a" * 255, b"a" * 255),
    (b"a" * 255 + b":65535", b"a" * 255),
    (b"a" * 262, None),
    (b"a:65536", None),
    (b"a:99999", None),
    (b"a:123456", None),
    (b"a:", None),
    (b"a:b", None),
    (b"a:-1", None),
    (b"a: 80", None),
    (b":80", None),
    (b"", None),
    (b".", None),
    (b"-a", None),
    (b"u@a", None),
    (b"u:p@a", None),
    (b"a/b", None),
    (b"a?b", None),
    (b"a#b", None),
    (b"a\\b", None),
    (b"a b", None),
    (b"a,b", None),
    (b"a;b", None),
    (b"a!b", None),
    (b"a%41", None),
    (b"a:80:80", None),
    (b"http://a", None),
    (b"\xe9", None),
    (b"a\x00", None),
    (b"a\n", None),
    (b"[::1", None),
    (b"::1", None),
    (b"[]", None),
    (b"[::g]", None),
    (b"[1.2.3.4]", None),
    (b"[:::]", None),
    (b"[::1::]", None),
    (b"[::1%25eth0]", None),
    (b"[::1]a", None),
    (b"[::1]:", None),
    (b"[v1.a]", None),
]


@pytest.mark.parametrize(("authority", "host"), HOSTS, ids=[repr(authority[:24]) for authority, _ in HOSTS])
def test_hosts(authority: bytes, host: bytes | None) -> None:
    assert host_of(authority) == host


@pytest.mark.parametrize(
    ("path", "read"),
    [(b"/a", b"/a"), (b"/a;x=1/b;y", b"/a/b"), (b"/a%3Bx/b", b"/a/b"), (b"/a;x;y/", b"/a/"), (b"/a%3", b"/a%3")],
)
def test_a_path_as_servers_read_it_that_strip_parameters(path: bytes, read: bytes) -> None:
    assert without_parameters(path) == read
