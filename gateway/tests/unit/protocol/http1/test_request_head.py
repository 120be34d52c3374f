"""Heads of requests: what each field does, and the fast way in step with the long one.

Every case here goes through both: `read` and, once the names are known, `recognize`.
"""

from __future__ import annotations

import pytest

from gateway_harness.reading import Framing, ReadHead, Refusal
from moongate.core.errors import MessageRefused
from moongate.core.limits import MAX_FIELDS, MAX_LINE_BYTES
from moongate.core.message import NO_LENGTH
from moongate.protocol.http1.request_head import RequestHeadParser, check_fields


def read(raw: bytes) -> ReadHead | Refusal:
    """By the long way; the fast one must agree, or leave it to the long one."""
    try:
        head: ReadHead | Refusal = ReadHead.of(RequestHeadParser().read(raw))
    except MessageRefused as refused:
        head = Refusal.of(refused)
    fast = RequestHeadParser().recognize(raw)
    assert fast is None or ReadHead.of(fast) == head
    return head


def head_of(*lines: bytes, line: bytes = b"GET / HTTP/1.1", host: bytes = b"Host: h") -> ReadHead | Refusal:
    fields = (host, *lines) if host else lines
    return read(b"\r\n".join((line, *fields)) + b"\r\n\r\n")


def good(*lines: bytes, line: bytes = b"GET / HTTP/1.1", host: bytes = b"Host: h") -> ReadHead:
    head = head_of(*lines, line=line, host=host)
    assert isinstance(head, ReadHead), head
    return head


def test_a_plain_request() -> None:
    head = good(b"Accept: */*", b"X-Empty:", b"X-Twice: 1", b"x-twice:2 ", line=b"GET /a/b?c=%20 HTTP/1.1")
    assert head == ReadHead(
        method=b"GET",
        path=b"/a/b",
        query=b"?c=%20",
        minor=1,
        host=b"h",
        authority=b"h",
        fields=((b"Accept", b"*/*"), (b"X-Empty", b""), (b"X-Twice", b"1"), (b"x-twice", b"2")),
        framing=Framing(NO_LENGTH, chunked=False, keep_alive=True, expects_continue=False, takes_trailers=False),
        request_id=None,
        forwarding=(),
    )


def test_the_same_head_again_is_recognized() -> None:
    raw = b"GET /a HTTP/1.1\r\nHost: h\r\nX-Recognized: 1\r\n\r\n"
    parser = RequestHeadParser()
    assert parser.recognize(raw) is None
    parser.read(raw)
    first, second = parser.recognize(raw), parser.recognize(raw)
    assert first is not None
    assert second is not None
    assert ReadHead.of(first) == ReadHead.of(second) == read(raw)
    assert first.section is second.section


def test_a_field_without_its_colon_is_refused_though_its_name_is_known() -> None:
    parser = RequestHeadParser()
    parser.read(b"GET / HTTP/1.1\r\nHost: h\r\nX-Known: 1\r\n\r\n")
    raw = b"GET / HTTP/1.1\r\nHost: h\r\nX-Known\r\n\r\n"
    assert parser.recognize(raw) is None
    assert read(raw) == Refusal(400, "bad_request", "bad_header")


def test_nothing_of_one_head_reaches_the_next() -> None:
    parser = RequestHeadParser()
    one = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nConnection: close\r\nX-Real-IP: 1\r\n\r\n"
    other = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
    for raw in (one, other, one, other):
        expected = ReadHead.of(RequestHeadParser().read(raw))
        head = parser.recognize(raw) or parser.read(raw)
        assert ReadHead.of(head) == expected


@pytest.mark.parametrize(
    "lines",
    [
        [b"Content-Length: 5"],
        [b"content-length:5"],
        [b"Content-Length: \t5 \t"],
        [b"Content-Length: 0005"],
    ],
)
def test_content_length(lines: list[bytes]) -> None:
    head = good(*lines)
    assert head.framing.content_length == 5
    assert head.fields == ()


@pytest.mark.parametrize(
    "lines",
    [
        [b"Content-Length:"],
        [b"Content-Length: +5"],
        [b"Content-Length: -5"],
        [b"Content-Length: 0x5"],
        [b"Content-Length: 5 5"],
        [b"Content-Length: 5, 5"],
        [b"Content-Length: 5,5"],
        [b"Content-Length: 5_0"],
        [b"Content-Length: 5.0"],
        [b"Content-Length: 5;"],
        [b'Content-Length: "5"'],
        [b"Content-Length: " + b"9" * 19],
        [b"Content-Length: " + b"0" * 30],
        [b"Content-Length: 5", b"Content-Length: 5"],
        [b"Content-Length: 5", b"Content-Length: 6"],
        [b"Content-Length: 5", b"content-length: 5"],
        [b"Content-Length: 0", b"X: 1", b"CONTENT-LENGTH: 0"],
        [b"Content-Length: \xb2"],
    ],
    ids=repr,
)
def test_bad_content_length(lines: list[bytes]) -> None:
    assert head_of(*lines) == Refusal(400, "bad_request", "bad_cl")


@pytest.mark.parametrize("value", [b"chunked", b"Chunked", b"CHUNKED", b"\tchunked \t"])
def test_transfer_encoding(value: bytes) -> None:
    head = good(b"Transfer-Encoding:" + value)
    assert head.framing.chunked
    assert head.framing.content_length == NO_LENGTH
    assert head.fields == ()


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"gzip",
        b"identity",
        b"xchunked",
        b"chunkedx",
        b"gzip, chunked",
        b"chunked, gzip",
        b"chunked, chunked",
        b"chunked,",
        b",chunked",
        b"chunked;q=1",
        b'"chunked"',
        b"chunked\xa0",
        b"chunk ed",
        "chun\u212aed".encode(),
    ],
    ids=repr,
)
def test_any_other_coding_is_not_implemented(value: bytes) -> None:
    refused = Refusal(501, "transfer_coding_unknown", "bad_te")
    assert head_of(b"Transfer-Encoding: " + value) == refused
    assert head_of(b"Transfer-Encoding: chunked", b"transfer-encoding: " + value) == refused
    assert head_of(b"Transfer-Encoding: " + value, b"transfer-encoding: chunked") == refused


def test_chunked_twice_is_a_list_too() -> None:
    lines = [b"Transfer-Encoding: chunked"] * 2
    assert head_of(*lines) == Refusal(501, "transfer_coding_unknown", "bad_te")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([b"Content-Length: 5", b"Transfer-Encoding: chunked"], "cl_te"),
        ([b"Transfer-Encoding: chunked", b"Content-Length: 5"], "cl_te"),
        ([b"transfer-encoding: CHUNKED", b"X: 1", b"CONTENT-LENGTH: 0"], "cl_te"),
        ([b"Transfer-Encoding: \x0bchunked"], "bad_header"),
        ([b"Transfer-Encoding: chunked\x00"], "bad_header"),
        ([b"Transfer-Encoding\x0b: chunked"], "bad_header"),
    ],
    ids=repr,
)
def test_ambiguous_transfer_encoding(lines: list[bytes], reason: str) -> None:
    assert head_of(*lines) == Refusal(400, "bad_request", reason)


def test_http_1_0_has_no_transfer_encoding() -> None:
    line = b"POST / HTTP/1.0"
    assert head_of(b"Transfer-Encoding: chunked", line=line) == Refusal(400, "bad_request", "bad_te")
    assert head_of(b"Transfer-Encoding: gzip", line=line) == Refusal(400, "bad_request", "bad_te")
    assert good(b"Content-Length: 5", line=line).framing.content_length == 5


@pytest.mark.parametrize(
    ("lines", "minor", "keep_alive"),
    [
        ([], 1, True),
        ([], 0, False),
        ([b"Connection: close"], 1, False),
        ([b"Connection: Keep-Alive"], 0, True),
        ([b"Connection: keep-alive, close"], 1, False),
        ([b"Connection: keep-alive, close"], 0, False),
        ([b"Connection: close", b"Connection: keep-alive"], 1, False),
        ([b"Connection: TE, close"], 1, False),
        ([b"Connection: closed"], 1, True),
        ([b"Proxy-Connection: keep-alive"], 0, False),
        ([b"Keep-Alive: timeout=5"], 0, False),
    ],
)
def test_connection_persistence(lines: list[bytes], minor: int, keep_alive: bool) -> None:
    head = good(*lines, line=b"GET / HTTP/1.%d" % minor)
    assert head.framing.keep_alive is keep_alive
    assert head.fields == ()


def test_fields_that_connection_names_are_removed() -> None:
    lines = (b"X-A: 1", b"x-b: 2", b"X-C: 3", b"Connection: x-a, X-B", b"X-A: 4")
    assert good(*lines).fields == ((b"X-C", b"3"),)


@pytest.mark.parametrize(
    "name",
    [b"Authorization", b"Cookie", b"Cache-Control", b"Via", b"traceparent", b"Host", b"Content-Length"],
)
def test_fields_that_matter_to_others_are_not_removed_for_a_client(name: bytes) -> None:
    value = b"h" if name == b"Host" else b"5"
    head = good(name + b": " + value, b"Connection: " + name, host=b"" if name == b"Host" else b"Host: h")
    if name == b"Content-Length":
        assert head.framing.content_length == 5
    elif name != b"Host":
        assert head.fields == ((name, value),)
    assert head.host == b"h"


def test_forwarding_fields_are_set_aside_even_where_connection_names_them() -> None:
    lines = (b"X-Forwarded-For: 1.1.1.1", b"Connection: x-forwarded-for", b"Forwarded: for=a", b"X-Real-IP: b")
    head = good(*lines)
    assert head.fields == ()
    assert head.forwarding == ((b"x-forwarded-for", b"1.1.1.1"), (b"forwarded", b"for=a"), (b"x-real-ip", b"b"))


def test_what_is_hop_by_hop_or_spelled_with_an_underscore_goes_no_further() -> None:
    dropped = (
        b"Keep-Alive: 1",
        b"Proxy-Authorization: x",
        b"Upgrade: h2c",
        b"HTTP2-Settings: x",
        b"X_Forwarded_For: 1",
        b"Content_Length: 9",
    )
    head = good(*dropped, b"X-A: 1", b"Trailer: X-Sum")
    assert head.fields == ((b"X-A", b"1"), (b"Trailer", b"X-Sum"))
    assert head.framing.content_length == NO_LENGTH


@pytest.mark.parametrize("value", [b"close x", b"a;b", b'"a"', b"\xe9"])
def test_a_connection_option_is_a_token(value: bytes) -> None:
    assert head_of(b"Connection: " + value) == Refusal(400, "bad_request", "bad_connection")


@pytest.mark.parametrize(
    ("lines", "minor", "expects"),
    [
        ([], 1, False),
        ([b"Expect: 100-continue"], 1, True),
        ([b"expect: 100-Continue"], 1, True),
        ([b"Expect: 100-continue"], 0, False),
    ],
)
def test_expectations(lines: list[bytes], minor: int, expects: bool) -> None:
    assert good(*lines, line=b"GET / HTTP/1.%d" % minor).framing.expects_continue is expects


@pytest.mark.parametrize("value", [b"", b"200-ok", b"100-continue, x", b"100-continue;a", b"100-continu"])
def test_another_expectation_fails(value: bytes) -> None:
    assert head_of(b"Expect: " + value) == Refusal(417, "expectation_failed", "bad_expect")


def test_te_and_request_id_are_read() -> None:
    assert good(b"TE: gzip, trailers", b"Connection: TE").framing.takes_trailers
    assert not good(b"TE: gzip").framing.takes_trailers
    assert not good(b"TE: trailers", line=b"GET / HTTP/1.0").framing.takes_trailers
    assert good(b"TE: trailers", b"TE: gzip").framing.takes_trailers
    assert good(b"X-Request-Id: abc").request_id == b"abc"


@pytest.mark.parametrize(
    ("line", "host"),
    [
        (b"GET / HTTP/1.1", b""),
        (b"GET / HTTP/1.1", b"Host:"),
        (b"GET / HTTP/1.1", b"Host: a, b"),
        (b"GET / HTTP/1.1", b"Host: a b"),
        (b"GET / HTTP/1.1", b"Host: u@a"),
        (b"GET / HTTP/1.1", b"Host: a/b"),
        (b"GET / HTTP/1.1", b"Host: a:99999"),
        (b"GET / HTTP/1.1", b"Host: http://a"),
        (b"GET / HTTP/1.1", b"Host: a\r\nHost: a"),
        (b"GET / HTTP/1.1", b"Host: a\r\nhost: b"),
        (b"GET / HTTP/1.0", b"Host: a\r\nHost: b"),
        (b"GET / HTTP/1.0", b"Host: a\r\nHost: "),
        (b"GET / HTTP/1.0", b"Host:"),
        (b"GET http://a/ HTTP/1.1", b""),
        (b"GET http://u@a/ HTTP/1.1", b"Host: u@a"),
        (b"GET http:/// HTTP/1.0", b""),
    ],
    ids=repr,
)
def test_bad_hosts(line: bytes, host: bytes) -> None:
    assert head_of(line=line, host=host) == Refusal(400, "bad_request", "bad_host")


@pytest.mark.parametrize(
    "line",
    [b"GET http://b/ HTTP/1.1", b"GET http://h:80/ HTTP/1.1", b"GET http:///x HTTP/1.1", b"GET http://u@h/ HTTP/1.1"],
)
def test_an_absolute_form_unequal_to_host(line: bytes) -> None:
    assert head_of(line=line) == Refusal(400, "bad_request", "host_mismatch")


@pytest.mark.parametrize(
    ("line", "host"),
    [
        (b"GET http://H/a?b HTTP/1.1", b"Host: h"),
        (b"GET https://h/a?b HTTP/1.1", b"Host: H"),
        (b"GET http://h/a?b HTTP/1.0", b"Host: h"),
        (b"GET http://h/a?b HTTP/1.0", b""),
    ],
)
def test_an_absolute_form_equal_to_host(line: bytes, host: bytes) -> None:
    head = good(line=line, host=host)
    assert (head.host, head.path, head.query) == (b"h", b"/a", b"?b")


def test_http_1_0_may_come_without_a_host() -> None:
    head = good(line=b"GET / HTTP/1.0", host=b"")
    assert (head.host, head.authority, head.minor) == (b"", b"", 0)


@pytest.mark.parametrize("method", [b"PATCH", b"PROPFIND", b"REPORT", b"M-SEARCH", b"LINK", b"QUERY"])
def test_methods_that_llhttp_knows(method: bytes) -> None:
    assert good(line=method + b" / HTTP/1.1").method == method


@pytest.mark.parametrize("method", [b"get", b"Get", b"BREW", b"GETX", b"GE", b"TRACE", b"CONNECT"])
def test_other_methods_are_not_allowed_and_close(method: bytes) -> None:
    refusal = head_of(line=method + b" / HTTP/1.1")
    assert isinstance(refusal, Refusal)
    assert refusal[:2] == ((405, "method_not_allowed") if method != b"CONNECT" else refusal[:2])
    assert refusal.status in {400, 405}


@pytest.mark.parametrize(
    "line",
    [
        b"A",
        b"A : 1",
        b" A: 1",
        b": 1",
        b"A\x00: 1",
        b"A\xe9: 1",
        b"A(: 1",
        b"A: 1\r\n folded",
        b"A: 1\r\n\tfolded",
        b"A: \x00",
        b"A: \x01",
        b"A: \x08",
        b"A: \x0b",
        b"A: \x0c",
        b"A: \x1f",
        b"A: \x7f",
        b"A: 1\nB: 2",
        b"A: 1\rB: 2",
        b"A: 1\r",
        b"A: 1\n",
        b"\rA: 1",
        b"A: 1\r\n\rX: 2",
        b'A": 1',
        b"A[]: 1",
    ],
    ids=repr,
)
def test_malformed_fields(line: bytes) -> None:
    good(b"A: 1", b"B: 2", b"X: 1")  # the names are known now
    refused = Refusal(400, "bad_request", "bad_header")
    assert head_of(line) == refused
    assert head_of(b"X: 1", line, b"B: 2") == refused
    assert head_of(host=line + b"\r\nHost: h") == refused


@pytest.mark.parametrize("name", [b"A", b"Host", b"X-Long"])
def test_a_field_line_as_long_as_the_limit(name: bytes) -> None:
    line = name + b": "
    rest = MAX_LINE_BYTES - len(line)
    if name == b"Host":
        assert head_of(host=line + b"a" * rest) == Refusal(400, "bad_request", "bad_host")
    else:
        assert good(line + b"a" * rest).fields == ((name, b"a" * rest),)
    refused = Refusal(431, "headers_too_large", "field_too_long")
    assert head_of(line + b"a" * (rest + 1)) == refused
    assert head_of(line + b"a" + b" " * rest) == refused


def test_as_many_fields_as_the_limit() -> None:
    for names in ([b"A: 1"] * (MAX_FIELDS - 1), [b"A_B: 1"] * (MAX_FIELDS - 1), [b"TE: a"] * (MAX_FIELDS - 1)):
        good(*names)
        assert head_of(*names, b"A: 1") == Refusal(431, "headers_too_large", "too_many_fields")


def test_a_target_as_long_as_the_limit() -> None:
    for longest in (b"/" + b"a" * (MAX_LINE_BYTES - 1), b"/?" + b"a" * (MAX_LINE_BYTES - 2)):
        head = good(line=b"GET " + longest + b" HTTP/1.1")
        assert head.path + head.query == longest
        refused = Refusal(414, "uri_too_long", "target_too_long")
        assert head_of(line=b"GET " + longest + b"a HTTP/1.1") == refused


@pytest.mark.parametrize("block", [b"", b"A: 1", b"A: 1\r", b"A: 1\r\nB", b"A: \xff\t\r\n\r\n"])
def test_the_beginning_of_a_section_may_yet_be_well(block: bytes) -> None:
    check_fields(block)


@pytest.mark.parametrize("block", [b"A\n", b"A\rB", b"\rA\r", b"A\r\r", b"A\x00", b"A\r\nB\n"])
def test_the_beginning_of_a_section_may_be_wrong_already(block: bytes) -> None:
    with pytest.raises(MessageRefused) as caught:
        check_fields(block)
    assert Refusal.of(caught.value) == (400, "bad_request", "bad_header")
