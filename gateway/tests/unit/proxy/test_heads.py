import pytest

from gateway_harness.proxying import head_of, response_head_of
from moongate.core.edits import FieldEdits
from moongate.proxy.heads import (
    allowed_trailers,
    edited_response,
    interim_bytes,
    request_bytes,
    response_bytes,
    response_framing,
    section_bytes,
    upgrade_bytes,
)

FORWARDED = b"X-Forwarded-For: 192.0.2.7\r\n"


def requested(raw: bytes) -> bytes:
    head = head_of(raw)
    return request_bytes(head, section_bytes(head, b"a.test", head.section.lines, FORWARDED), b"id-1")


def test_a_request_as_the_service_sees_it() -> None:
    sent = requested(b"GET /a/../b?c=d HTTP/1.1\r\nHost: a.test\r\nX-A: 1\r\nConnection: x-b\r\nX-B: 2\r\n\r\n")
    assert sent == (
        b"GET /b?c=d HTTP/1.1\r\nHost: a.test\r\nX-A: 1\r\n"
        b"X-Forwarded-For: 192.0.2.7\r\nVia: 1.1 moongate\r\nX-Request-Id: id-1\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (b"", b""),
        (b"Content-Length: 0\r\n", b"Content-Length: 0\r\n"),
        (b"Content-Length: 007\r\n", b"Content-Length: 7\r\n"),
        (b"Transfer-Encoding: Chunked\r\n", b"Transfer-Encoding: chunked\r\n"),
        (b"TE: gzip;q=0.5, trailers\r\n", b"TE: trailers\r\nConnection: TE\r\n"),
        (b"Expect: 100-continue\r\nContent-Length: 1\r\n", b"Content-Length: 1\r\n"),
    ],
)
def test_framing_is_said_anew(lines: bytes, expected: bytes) -> None:
    sent = requested(b"POST / HTTP/1.1\r\nHost: a.test\r\n" + lines + b"\r\n")
    assert sent == requested(b"POST / HTTP/1.1\r\nHost: a.test\r\n\r\n").replace(FORWARDED, expected + FORWARDED)


def test_http_1_0_goes_on_as_1_1_and_via_says_so() -> None:
    sent = requested(b"GET / HTTP/1.0\r\n\r\n")
    assert sent.startswith(b"GET / HTTP/1.1\r\nHost: a.test\r\n")
    assert b"Via: 1.0 moongate\r\n" in sent


CLOSE, KEEP, CHUNKED = b"Connection: close\r\n", b"Connection: keep-alive\r\n", b"Transfer-Encoding: chunked\r\n"
LENGTH = b"Content-Length: 5\r\n"


@pytest.mark.parametrize(
    ("request_line", "response", "keep_alive", "expected"),
    [
        (b"GET / HTTP/1.1", b"200 OK\r\nContent-Length: 5", True, (LENGTH, False, True)),
        (b"GET / HTTP/1.1", b"200 OK\r\nContent-Length: 5", False, (LENGTH + CLOSE, False, False)),
        (b"GET / HTTP/1.1", b"200 OK\r\nTransfer-Encoding: chunked", True, (CHUNKED, True, True)),
        (b"GET / HTTP/1.1", b"200 OK", True, (CHUNKED, True, True)),
        (b"GET / HTTP/1.0", b"200 OK\r\nContent-Length: 5", True, (LENGTH + KEEP, False, True)),
        (b"GET / HTTP/1.0", b"200 OK\r\nTransfer-Encoding: chunked", True, (CLOSE, False, False)),
        (b"GET / HTTP/1.0", b"200 OK", True, (CLOSE, False, False)),
        (b"HEAD / HTTP/1.1", b"200 OK\r\nContent-Length: 5", True, (LENGTH, False, True)),
        (b"HEAD / HTTP/1.1", b"200 OK\r\nTransfer-Encoding: chunked", True, (b"", False, True)),
        (b"HEAD / HTTP/1.0", b"200 OK", True, (KEEP, False, True)),
        (b"GET / HTTP/1.1", b"204 No\r\nContent-Length: 5", True, (b"", False, True)),
        (b"GET / HTTP/1.1", b"304 No\r\nContent-Length: 5", True, (LENGTH, False, True)),
        (b"GET / HTTP/1.1", b"304 No", True, (b"", False, True)),
    ],
)
def test_a_response_is_framed_for_its_client(
    request_line: bytes, response: bytes, keep_alive: bool, expected: tuple[bytes, bool, bool]
) -> None:
    request = head_of(request_line + b"\r\nHost: a\r\n\r\n")
    head = response_head_of(b"HTTP/1.1 " + response + b"\r\n\r\n", request.method)
    assert response_framing(head, request, keep_alive) == expected


def test_a_response_as_the_client_sees_it() -> None:
    head = response_head_of(b"HTTP/1.0 299 Fine by me\r\nX-A: 1\r\nx-a: 2\r\nConnection: close\r\n\r\n")
    assert response_bytes(head, b"F: 1\r\n", b"id") == (
        b"HTTP/1.1 299 Fine by me\r\nX-A: 1\r\nx-a: 2\r\nF: 1\r\nX-Request-Id: id\r\n\r\n"
    )


def test_interim_answers_and_switches() -> None:
    head = response_head_of(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
    assert interim_bytes(head) == b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    assert b"Connection: Upgrade\r\nUpgrade: websocket\r\n" in upgrade_bytes(head, b"id")


@pytest.mark.parametrize(
    "name",
    [
        "Content-Length",
        "transfer-encoding",
        "HOST",
        "Authorization",
        "Cookie",
        "Set-Cookie",
        "X-Forwarded-For",
        "Via",
        "x-forwarded-anything",
        "X-Real-IP",
        "Forwarded",
        "X-Request-Id",
        "TE",
        "Trailer",
        "X_Under",
        "Content-Type",
        "X-Client-Id",
        "x-client-token",
        "Client-Cert",
        "X-SSL-Client-Verify",
        "X-Original-URL",
        "Proxy-Authorization",
    ],
)
def test_what_never_comes_in_a_trailer(name: str) -> None:
    assert allowed_trailers([(name.encode(), b"1"), (b"X-Sum", b"2")]) == [(b"X-Sum", b"2")]


def test_nor_does_what_filters_drop() -> None:
    said = [(b"X-User", b"root"), (b"X-Sum", b"2")]
    assert allowed_trailers(said, FieldEdits(frozenset((b"x-user",)))) == [(b"X-Sum", b"2")]


def test_another_query_goes_on_in_the_place_of_the_head_s() -> None:
    head = head_of(b"GET /a?b=1 HTTP/1.1\r\nHost: a.test\r\n\r\n")
    section = section_bytes(head, b"a.test", b"", b"")
    assert request_bytes(head, section, b"id-1", b"?c=2").startswith(b"GET /a?c=2 HTTP/1.1\r\n")
    assert request_bytes(head, section, b"id-1", b"").startswith(b"GET /a HTTP/1.1\r\n")


def test_a_response_is_edited_once_for_all_that_say_the_same() -> None:
    head = response_head_of(b"HTTP/1.1 200 OK\r\nServer: x\r\nX-A: 1\r\nContent-Length: 3\r\n\r\n")
    edits = FieldEdits(frozenset((b"server",)), b"X-B: 2\r\n")
    edited = edited_response(head, edits)
    assert edited.lines == b"X-A: 1\r\nX-B: 2\r\n"
    assert (edited.status, edited.content_length, edited.keep_alive) == (200, 3, True)
    assert edited_response(head, edits) is edited
    assert edited_response(head, FieldEdits()).lines == head.lines
    assert b"Server: x" in head.lines
