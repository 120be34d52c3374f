"""The response's way and every end, with both sides played by hand."""

import pytest

from gateway_harness.proxying import Proxying, response_head_of
from gateway_harness.sides import NotingDownstream, NotingUpstream
from moongate.core import limits
from moongate.core.errors import BAD_REQUEST, UPSTREAM_PROTOCOL_ERROR, UPSTREAM_TIMEOUT, MessageRefused
from moongate.core.message import ResponseHead
from moongate.proxy.exchange import ProxyExchange

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LARGE_PUT = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (limits.REPLAY_BYTES + 2)


@pytest.fixture
def proxying() -> Proxying:
    return Proxying()


def asked(
    proxying: Proxying, raw: bytes = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n", *, is_reused: bool = False
) -> tuple[NotingDownstream, NotingUpstream]:
    """A request that its service has; of LARGE_PUT all but the last octet."""
    upstream = proxying.offer(is_reused=is_reused)
    downstream = proxying.request(raw)
    if downstream.exchange is not None and raw.startswith(b"PUT") and b"Content-Length" in raw:
        downstream.exchange.request_body(b"x" * (limits.REPLAY_BYTES + 1))
    return downstream, upstream


def answer(upstream: NotingUpstream, raw: bytes = OK, body: bytes = b"ok") -> None:
    """The whole answer comes at once."""
    upstream.exchange.response_head(response_head_of(raw, b"HEAD"), body, True)


def head(raw: bytes) -> ResponseHead:
    return response_head_of(raw, b"HEAD")


def test_an_answer_that_comes_whole(proxying: Proxying) -> None:
    downstream, upstream = asked(proxying)
    answer(upstream)
    request_id = proxying.line.id
    expected = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Request-Id: %b\r\n\r\nok" % request_id
    assert (downstream.sent, downstream.finished, upstream.released) == (expected, True, 0)
    assert (proxying.line.status, proxying.line.origin, proxying.line.bytes_out) == (200, "upstream", 2)
    assert proxying.service.active == 0
    assert proxying.line.started <= proxying.line.upstream_started <= proxying.line.upstream_ended
    assert proxying.line.upstream_ended <= proxying.line.ended


def test_what_the_service_promised_goes_to_the_pool(proxying: Proxying) -> None:
    _, upstream = asked(proxying)
    answer(upstream, b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=7\r\nContent-Length: 2\r\n\r\n")
    assert upstream.released == 7


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n",
    ],
)
def test_a_connection_that_the_service_gives_up_is_closed(proxying: Proxying, raw: bytes) -> None:
    downstream, upstream = asked(proxying)
    answer(upstream, raw)
    assert (upstream.calls, upstream.released, downstream.finished) == (["close"], None, True)


def test_an_answer_in_pieces(proxying: Proxying) -> None:
    downstream, upstream = asked(proxying)
    upstream.exchange.response_head(head(CHUNKED), b"", False)
    upstream.exchange.response_body(b"abc")
    upstream.exchange.response_end([(b"X-Sum", b"1")])
    assert downstream.sent.endswith(b"\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    assert proxying.line.bytes_out == 3


def test_trailers_for_a_client_that_takes_them(proxying: Proxying) -> None:
    downstream, upstream = asked(proxying, b"GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n")
    upstream.exchange.response_head(head(CHUNKED), b"abc", False)
    upstream.exchange.response_end([(b"X-Sum", b"1"), (b"Set-Cookie", b"evil")])
    assert downstream.sent.endswith(b"3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n")


def test_interim_answers_pass_but_for_100(proxying: Proxying) -> None:
    downstream, upstream = asked(proxying)
    upstream.exchange.response_interim(head(b"HTTP/1.1 100 Continue\r\n\r\n"))
    upstream.exchange.response_interim(head(b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n"))
    assert downstream.sent == b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n"


def test_a_stream_of_events_may_be_silent(proxying: Proxying) -> None:
    _, upstream = asked(proxying)
    upstream.exchange.response_head(
        head(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n"), b"", False
    )
    assert upstream.calls == ["wait_forever"]


def test_each_side_holds_the_other_back(proxying: Proxying) -> None:
    downstream, upstream = asked(proxying, LARGE_PUT)
    exchange = upstream.exchange
    exchange.pause_request()
    assert downstream.is_paused
    exchange.resume_request()
    assert not downstream.is_paused
    exchange.pause_response()
    exchange.resume_response()
    assert upstream.calls == ["pause", "resume"]
    exchange.request_end([])
    exchange.pause_request()
    assert not downstream.is_paused, "behind the body stands the next request"


def test_during_the_drain_every_answer_is_the_last(proxying: Proxying) -> None:
    downstream, upstream = asked(proxying)
    proxying.engine.is_draining = True
    answer(upstream)
    assert b"\r\nConnection: close\r\n" in downstream.sent
    assert downstream.finished is False


def test_an_answer_before_the_request_is_whole_is_the_last(proxying: Proxying) -> None:
    downstream, upstream = asked(proxying, LARGE_PUT)
    answer(upstream)
    assert b"\r\nConnection: close\r\n" in downstream.sent
    assert (downstream.finished, upstream.calls, upstream.released) == (False, ["close"], None)


# -- what is redone


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"])
def test_a_reused_connection_that_ended_in_silence_is_redone_elsewhere(proxying: Proxying, method: bytes) -> None:
    downstream, upstream = asked(proxying, method + b" / HTTP/1.1\r\nHost: a\r\n\r\n", is_reused=True)
    fresh = proxying.offer(pool=1)
    upstream.exchange.upstream_lost(UPSTREAM_PROTOCOL_ERROR, "upstream_closed", is_silent=True)
    assert proxying.service.pools[0].discarded == 1
    assert fresh.sent == upstream.sent
    answer(fresh)
    assert downstream.finished is True
    assert (proxying.line.retries, proxying.line.target) == (1, "http://two.test:82")
    assert proxying.service.retrying == 0


def test_a_fresh_connection_that_ended_in_silence_says_nothing_of_idle_ones(proxying: Proxying) -> None:
    downstream, upstream = asked(proxying)
    fresh = proxying.offer(pool=1)
    upstream.exchange.upstream_lost(UPSTREAM_PROTOCOL_ERROR, "upstream_closed", is_silent=True)
    answer(fresh)
    assert (downstream.finished, proxying.service.pools[0].discarded) == (True, 0)


def test_a_body_that_is_small_enough_is_sent_again(proxying: Proxying) -> None:
    raw = b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    downstream, upstream = asked(proxying, raw, is_reused=True)
    exchange = downstream.exchange
    assert isinstance(exchange, ProxyExchange)
    exchange.started -= 1  # a live stream, which goes on to its service as it comes
    exchange.request_body(b"a" * 2048)
    fresh = proxying.offer(pool=1)
    upstream.exchange.upstream_lost(UPSTREAM_PROTOCOL_ERROR, "upstream_closed", is_silent=True)
    exchange.request_body(b"def")
    exchange.request_end([])
    assert fresh.sent.endswith(b"\r\n\r\n800\r\n" + b"a" * 2048 + b"\r\n3\r\ndef\r\n0\r\n\r\n")


NOT_REDONE = {
    "a POST": (b"POST / HTTP/1.1\r\nHost: a\r\n\r\n", True, UPSTREAM_PROTOCOL_ERROR, True),
    "a POST on a fresh connection": (b"POST / HTTP/1.1\r\nHost: a\r\n\r\n", False, UPSTREAM_PROTOCOL_ERROR, True),
    "some octets came": (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", True, UPSTREAM_PROTOCOL_ERROR, False),
    "a timeout": (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", True, UPSTREAM_TIMEOUT, False),
}


@pytest.mark.parametrize("name", NOT_REDONE)
def test_what_is_not_redone(proxying: Proxying, name: str) -> None:
    raw, is_reused, failure, is_silent = NOT_REDONE[name]
    downstream, upstream = asked(proxying, raw, is_reused=is_reused)
    upstream.exchange.upstream_lost(failure, "reason", is_silent=is_silent)
    assert downstream.sent.startswith(b"HTTP/1.1 %d " % failure.status)
    assert downstream.finished is True, "the client's connection is as good as before"
    assert (proxying.line.retries, proxying.line.reason) == (0, "reason")
    assert proxying.line.upstream_started <= proxying.line.upstream_ended <= proxying.line.ended


def test_a_body_too_large_to_keep_is_not_redone(proxying: Proxying) -> None:
    downstream, upstream = asked(proxying, LARGE_PUT, is_reused=True)
    assert downstream.exchange is not None
    downstream.exchange.request_body(b"x" * (limits.REPLAY_BYTES + 1))
    downstream.exchange.request_end([])
    upstream.exchange.upstream_lost(UPSTREAM_PROTOCOL_ERROR, "upstream_closed", is_silent=True)
    assert downstream.sent.startswith(b"HTTP/1.1 502 ")


def test_it_is_redone_elsewhere_whatever_the_budget(proxying: Proxying) -> None:
    """Half of all requests may have been at the target that died."""
    _, upstream = asked(proxying, is_reused=True)
    proxying.service.is_affordable = False
    fresh = proxying.offer(pool=1)
    upstream.exchange.upstream_lost(UPSTREAM_PROTOCOL_ERROR, "upstream_closed", is_silent=True)
    assert fresh.is_asked
    assert proxying.service.retrying == 0


def test_at_the_only_target_it_is_redone_within_the_budget(proxying: Proxying) -> None:
    del proxying.service.pools[1]
    downstream, upstream = asked(proxying)
    proxying.service.is_affordable = False
    upstream.exchange.upstream_lost(UPSTREAM_PROTOCOL_ERROR, "upstream_closed", is_silent=True)
    assert downstream.sent.startswith(b"HTTP/1.1 502 ")


def test_a_reused_connection_that_had_closed_is_not_the_budgets(proxying: Proxying) -> None:
    del proxying.service.pools[1]
    _, upstream = asked(proxying, is_reused=True)
    proxying.service.is_affordable = False
    fresh = proxying.offer(pool=0)
    upstream.exchange.upstream_lost(UPSTREAM_PROTOCOL_ERROR, "upstream_closed", is_silent=True)
    assert fresh.is_asked
    assert proxying.service.retrying == 0


# -- what fails


def test_an_answer_that_breaks_off_breaks_the_clients_connection(proxying: Proxying) -> None:
    downstream, upstream = asked(proxying)
    upstream.exchange.response_head(head(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"), b"abc", False)
    upstream.exchange.upstream_lost(UPSTREAM_PROTOCOL_ERROR, "upstream_closed_early", is_silent=False)
    assert (downstream.calls, downstream.finished) == (["abort"], None)
    assert (proxying.line.status, proxying.line.code) == (200, "upstream_protocol_error")


def test_a_request_that_turns_out_malformed(proxying: Proxying) -> None:
    downstream, upstream = asked(proxying, LARGE_PUT)
    assert downstream.exchange is not None
    downstream.exchange.request_refused(MessageRefused(BAD_REQUEST, "bad_chunk"))
    assert downstream.sent.startswith(b"HTTP/1.1 400 ")
    assert (downstream.finished, upstream.calls) == (False, ["close"])


@pytest.mark.parametrize("has_begun", [False, True])
def test_a_client_that_goes_takes_the_upstream_connection_along(proxying: Proxying, has_begun: bool) -> None:
    downstream, upstream = asked(proxying)
    if has_begun:
        upstream.exchange.response_head(head(b"HTTP/1.1 201 OK\r\nContent-Length: 10\r\n\r\n"), b"abc", False)
    assert downstream.exchange is not None
    downstream.exchange.client_gone()
    assert upstream.calls[-1] == "close"
    assert (proxying.line.status, proxying.line.code) == (201 if has_begun else 499, "client_gone")
    assert (downstream.finished, proxying.service.active) == (None, 0)


def test_the_observer_is_told_once(proxying: Proxying) -> None:
    downstream, upstream = asked(proxying)
    exchange = downstream.exchange
    assert exchange is not None
    answer(upstream)
    exchange.client_gone()
    exchange.request_refused(MessageRefused(BAD_REQUEST, "late"))
    assert len(proxying.ended) == 1
    assert proxying.service.active == 0
    assert proxying.line.status == 200


@pytest.mark.parametrize(
    ("raw", "is_drainable", "expected"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", True, True),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", True, False),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", True, False),
        (LARGE_PUT, False, False),
        (LARGE_PUT, True, True),
        (LARGE_PUT.replace(b"Host", b"Expect: 100-continue\r\nHost"), True, False),
    ],
)
def test_after_an_answer_of_ours_the_connection_goes_on_where_it_can(
    proxying: Proxying, raw: bytes, is_drainable: bool, expected: bool
) -> None:
    downstream, upstream = asked(proxying, raw)
    downstream.is_drainable = is_drainable
    upstream.exchange.upstream_lost(UPSTREAM_TIMEOUT, "response_head_timeout", is_silent=False)
    assert downstream.finished is expected
    assert (b"\r\nConnection: close\r\n" in downstream.sent) is not expected
