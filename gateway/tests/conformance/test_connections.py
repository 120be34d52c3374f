"""Where one request ends and the next begins: early answers, expectations, pipelines, and connections to services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.answers import answers_in
from conformance.corpus.case import HOST, SMUGGLED, get, post

if TYPE_CHECKING:
    from conformance.wire import Wire

CLOSE = b"Connection: close\r\n"
LAST = get(CLOSE, line=b"GET /last HTTP/1.1\r\n")
NO_ROUTE = b"OPTIONS * HTTP/1.1\r\n"  # answered 404, whatever its body


def test_a_body_behind_an_early_answer_is_no_request(wire: Wire) -> None:
    message = post(b"Content-Length: %d\r\n" % len(SMUGGLED), body=SMUGGLED, line=NO_ROUTE)
    with wire.origin.expect(1) as requests:
        answers = answers_in(wire.talk(message + LAST), "OPTIONS")
    assert [answer.status for answer in answers] == [404, 200]
    assert requests[0].path == b"/last"
    with wire.origin.expect(1) as requests, wire.connect() as client:  # in pieces
        client.sendall(message[:-20])
        first = wire.read_head(client)
        client.sendall(message[-20:] + LAST)
        answers = answers_in(first + wire.read_to_end(client), "OPTIONS")
    assert [answer.status for answer in answers] == [404, 200]
    assert requests[0].path == b"/last"


@pytest.mark.parametrize(
    "message",
    [
        post(b"Transfer-Encoding: chunked\r\n", body=b"0\r\n", line=NO_ROUTE),
        post(b"Content-Length: 100000\r\n", line=NO_ROUTE),
        post(b"Content-Length: 5\r\nExpect: 100-continue\r\n", line=NO_ROUTE),
    ],
    ids=["chunked", "large", "expected to be asked for"],
)
def test_an_early_answer_closes_where_the_end_is_uncertain(message: bytes, wire: Wire) -> None:
    with wire.nothing_arrives():
        [answer] = answers_in(wire.talk(message + SMUGGLED))
    assert (answer.status, answer.closes) == (404, True)


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"DELETE", b"OPTIONS"])
def test_a_body_is_a_body_whatever_the_method(method: bytes, wire: Wire) -> None:
    start = method + b" /body HTTP/1.1\r\n"
    with wire.origin.expect(3) as requests:
        wire.talk(
            post(b"Content-Length: %d\r\n" % len(SMUGGLED), body=SMUGGLED, line=start)
            + post(
                b"Transfer-Encoding: chunked\r\n", body=b"%x\r\n%b\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED), line=start
            )
            + LAST
        )
    assert [request.path for request in requests] == [b"/body", b"/body", b"/last"]
    assert [request.body for request in requests] == [SMUGGLED, SMUGGLED, b""]


def test_the_gateway_answers_an_expectation_itself(wire: Wire) -> None:
    with wire.origin.expect(1) as requests, wire.connect() as client:
        client.sendall(post(b"Content-Length: 5\r\nExpect: 100-continue\r\n" + CLOSE))
        assert wire.read_head(client) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"hello")
        [answer] = answers_in(wire.read_to_end(client))
    assert answer.status == 200
    assert requests[0].body == b"hello"
    assert requests[0].values(b"expect") == []


def test_the_asterisk_form_has_no_route_and_does_no_harm(wire: Wire) -> None:
    with wire.origin.expect(1):
        answers = answers_in(wire.talk(get(line=b"OPTIONS * HTTP/1.1\r\n") + LAST), "OPTIONS")
    assert [answer.status for answer in answers] == [404, 200]


def test_a_pipeline_is_answered_in_order(wire: Wire) -> None:
    count = 200
    flood = b"".join(get(b"X-N: %d\r\n" % n, line=b"GET /%d HTTP/1.1\r\n" % n) for n in range(count))
    with wire.origin.expect(count + 1) as requests:
        answers = answers_in(wire.talk(flood + LAST))
    assert [answer.status for answer in answers] == [200] * (count + 1)
    assert [request.path for request in requests] == [b"/%d" % n for n in range(count)] + [b"/last"]
    assert [request.values(b"x-n") for request in requests[:-1]] == [[b"%d" % n] for n in range(count)]


def test_nothing_behind_a_refusal_or_a_last_request_is_read(wire: Wire) -> None:
    with wire.origin.expect(1) as requests:
        answers = answers_in(wire.talk(get() + get(b"X-A : 1\r\n") + SMUGGLED))
    assert [answer.status for answer in answers] == [200, 400]
    assert [request.path for request in requests] == [b"/"]
    with wire.origin.expect(1) as requests:
        assert [answer.status for answer in answers_in(wire.talk(LAST + SMUGGLED))] == [200]
    with wire.origin.expect(1) as requests:
        assert [answer.status for answer in answers_in(wire.talk(get(line=b"GET /a HTTP/1.0\r\n") + SMUGGLED))] == [200]
    assert [request.path for request in requests] == [b"/a"]


def test_no_field_of_a_request_reaches_the_next(wire: Wire) -> None:
    one = get(b"Authorization: secret\r\nCookie: a\r\nX-User: 7\r\n", line=b"GET /one HTTP/1.1\r\n")
    other = get(line=b"GET /other HTTP/1.1\r\n")
    with wire.origin.expect(5) as requests:
        wire.talk(one + other + one + other + LAST)
    for request in requests:
        has_secret = request.path == b"/one"
        for name in (b"authorization", b"cookie", b"x-user"):
            assert len(request.values(name)) == has_secret


def test_trailers_are_dropped_unless_both_sides_take_them(wire: Wire) -> None:
    own = b"Content-Length: 9\r\nHost: evil.test\r\nAuthorization: x\r\nX-Forwarded-For: 1.1.1.1\r\nX_A: 1\r\n"
    own += b"Keep-Alive: timeout=9\r\nProxy-Connection: keep-alive\r\nConnection: close\r\n"
    body = b"2\r\nhi\r\n0\r\nX-Sum: 1\r\n" + own + b"\r\n"
    with wire.origin.expect(2) as requests:
        wire.talk(
            post(b"Transfer-Encoding: chunked\r\n", body=body)
            + post(b"Transfer-Encoding: chunked\r\nTE: trailers\r\n" + CLOSE, body=body)
        )
    assert requests[0].trailers == ()
    assert requests[1].trailers == ((b"X-Sum", b"1"),)
    for request in requests:
        assert request.body == b"hi"
        assert request.values(b"host") == [b"corpus.test"]
        assert request.values(b"authorization") == []


# -- connections to the service: reused only after a clean exchange

CLEAN = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "304": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n",
    "interim": b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.0 kept alive": b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
}
POISON = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned"
UNCLEAN = {
    "surplus": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + POISON,
    "surplus line end": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\r\n",
    "surplus behind chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + POISON,
    "204 with a body": b"HTTP/1.1 204 No Content\r\nContent-Length: 48\r\n\r\n" + POISON,
    "204 that announces a body": b"HTTP/1.1 204 No Content\r\nContent-Length: 48\r\n\r\n",
    "204 that announces chunks": b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
    "304 with a body": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 48\r\n\r\n" + POISON,
    "close": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
}


def connections_of_two(wire: Wire, answer: bytes, method: bytes = b"GET") -> tuple[list[int], list[int], bytes]:
    """The statuses of a request answered with ``answer`` and of one behind it, and the connections they came on."""
    wire.talk(LAST)  # there is a connection in the pool now
    with wire.origin.expect(2) as requests:
        wire.origin.answers.append(answer)
        data = wire.talk(get(line=method + b" /first HTTP/1.1\r\n") + LAST)
    statuses = [one.status for one in answers_in(data, method.decode())]
    return statuses, [request.connection for request in requests], data


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_exchange_leaves_its_connection_to_the_next(name: str, wire: Wire) -> None:
    statuses, connections, _ = connections_of_two(wire, CLEAN[name])
    assert len(statuses) == 2
    assert connections[0] == connections[1]


@pytest.mark.parametrize("name", UNCLEAN)
def test_an_unclean_one_does_not_and_nobody_else_reads_its_rest(name: str, wire: Wire) -> None:
    statuses, connections, data = connections_of_two(wire, UNCLEAN[name])
    assert statuses[1] == 200
    assert connections[0] != connections[1]
    assert b"poisoned" not in data


def test_a_body_in_answer_to_head_is_not_the_next_answer(wire: Wire) -> None:
    statuses, connections, data = connections_of_two(wire, POISON, b"HEAD")
    assert statuses == [200, 200]
    assert connections[0] != connections[1]
    assert b"poisoned" not in data


BAD_ANSWERS = {
    "length and coding": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding and length": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "two unequal lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "a list of lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
    "a signed length": b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
    "an empty length": b"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhello",
    "another coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello",
    "a list of codings": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding in HTTP/1.0": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a switch nobody asked for": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n" + POISON,
    "interim with a length": b"HTTP/1.1 100 Continue\r\nContent-Length: 48\r\n\r\n" + POISON,
    "interim without end": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 17 + POISON,
    "no colon": b"HTTP/1.1 200 OK\r\nX-A\r\nContent-Length: 5\r\n\r\nhello",
    "space before the colon": b"HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello",
    "folded": b"HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\nContent-Length: 5\r\n\r\nhello",
    "bare LF": b"HTTP/1.1 200 OK\r\nX-A: 1\nX-B: 2\r\nContent-Length: 5\r\n\r\nhello",
    "bare CR": b"HTTP/1.1 200 OK\r\nX-A: 1\rX-B: 2\r\nContent-Length: 5\r\n\r\nhello",
    "NUL": b"HTTP/1.1 200 OK\r\nX-A: \x00\r\nContent-Length: 5\r\n\r\nhello",
    "another version": b"HTTP/2.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "no version": b"hello\r\n\r\n",
    "a strange status": b"HTTP/1.1 999 OK\r\nContent-Length: 5\r\n\r\nhello",
    "an empty line before": b"\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_an_ambiguous_answer_is_a_502_and_its_connection_ends(name: str, wire: Wire) -> None:
    with wire.origin.expect(2) as requests:
        wire.origin.answers.append(BAD_ANSWERS[name])
        data = wire.talk(post(b"Content-Length: 0\r\n") + LAST)
    answers = [answer for answer in answers_in(data, "POST") if answer.status >= 200]
    assert [answer.status for answer in answers] == [502, 200]
    assert answers[0].code == "upstream_protocol_error"
    assert requests[0].connection != requests[1].connection
    assert b"poisoned" not in data


@pytest.mark.parametrize("rest", [b"x\r\n", b"1\r\nab\r\n", b"1 \r\na\r\n", b"1\na\r\n", b"0\r\nX-A\r\n\r\n"], ids=repr)
def test_bad_chunks_of_an_answer_cut_it_off(rest: bytes, wire: Wire) -> None:
    start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"
    wire.origin.answers.append(start + rest + POISON)
    with wire.origin.expect(1):
        data = wire.talk_until_broken(post(b"Content-Length: 0\r\n") + SMUGGLED)
    [answer] = answers_in(data, "POST")
    assert (answer.status, answer.is_whole) == (200, False)
    assert b"ok".startswith(answer.body)


def test_the_host_that_was_asked_for_is_the_host_that_is_told(wire: Wire) -> None:
    with wire.origin.expect(2) as requests:
        wire.talk(
            b"GET http://CORPUS.test:80/a HTTP/1.1\r\nHost: corpus.TEST:80\r\n\r\n"
            b"GET /b HTTP/1.0\r\n" + HOST + b"X-Forwarded-Host: evil.test\r\n\r\n"
        )
    assert [request.values(b"host") for request in requests] == [[b"corpus.TEST:80"], [b"corpus.test"]]
    assert [request.values(b"x-forwarded-host") for request in requests] == [[b"corpus.TEST:80"], [b"corpus.test"]]
