"""The request's way, with both sides played by hand."""

import pytest

from gateway_harness.proxying import NotingPool, Proxying
from gateway_harness.sides import NotingDownstream
from moongate.core import limits
from moongate.core.edits import FieldEdits
from moongate.core.errors import OVERLOADED, UPSTREAM_UNREACHABLE, MessageRefused
from moongate.proxy.exchange import ProxyExchange

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LARGE = limits.REPLAY_BYTES + 1


@pytest.fixture
def proxying() -> Proxying:
    return Proxying()


def post(size: int, *lines: bytes, path: bytes = b"/", method: bytes = b"POST") -> bytes:
    head = (method + b" " + path + b" HTTP/1.1", b"Host: a.test", b"Content-Length: %d" % size, *lines)
    return b"\r\n".join(head) + b"\r\n\r\n"


CHUNKED = b"PUT / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"


def bring(downstream: NotingDownstream, *pieces: bytes, ended: bool = True) -> None:
    """The client's body comes."""
    exchange = downstream.exchange
    assert exchange is not None
    for piece in pieces:
        exchange.request_body(piece)
    if ended:
        exchange.request_end([])


def test_what_filters_drop_comes_in_no_trailer_either(proxying: Proxying) -> None:
    upstream = proxying.offer()
    downstream = proxying.request(CHUNKED.replace(b"\r\n\r\n", b"\r\nTE: trailers\r\n\r\n"))
    exchange = downstream.exchange
    assert isinstance(exchange, ProxyExchange)
    exchange.edit(FieldEdits(frozenset((b"x-user",)), b"X-User: ada\r\n"))
    exchange.request_body(b"x")
    exchange.request_end([(b"X-User", b"root"), (b"X-Sum", b"1")])
    assert b"root" not in upstream.sent
    assert upstream.sent.endswith(b"0\r\nX-Sum: 1\r\n\r\n")


# 1 which route?


def test_the_route_decides(proxying: Proxying) -> None:
    upstream = proxying.offer()
    proxying.get(path=b"/a?b")
    assert upstream.sent.startswith(b"GET /a?b HTTP/1.1\r\nHost: a.test\r\n")
    assert upstream.is_asked
    assert (upstream.exchange.route, upstream.exchange.service, upstream.exchange.target) == (
        "all",
        "api",
        "http://one.test:81",
    )


def test_no_route_and_no_method_are_answered_here() -> None:
    proxying = Proxying(
        "version: 1\nservices: {api: {targets: [http://a]}}\n"
        "routes: [{name: reads, match: {path: /reads, methods: [GET]}, service: api}]\n"
    )
    assert proxying.get().sent.startswith(b"HTTP/1.1 404 ")
    refused = proxying.request(b"DELETE /reads HTTP/1.1\r\nHost: a\r\n\r\n")
    assert refused.sent.startswith(b"HTTP/1.1 405 ")
    assert b"\r\nAllow: GET, HEAD\r\n" in refused.sent
    assert [(line.code, line.reason) for line in proxying.ended] == [
        ("route_not_found", "no_route"),
        ("method_not_allowed", "method"),
    ]
    assert proxying.service.active == 0


def test_a_body_that_says_it_is_too_large(proxying: Proxying) -> None:
    downstream = proxying.request(post(11, path=b"/small/x"))
    assert downstream.sent.startswith(b"HTTP/1.1 413 ")
    assert downstream.finished is False
    assert proxying.line.reason == "content_length"


def test_a_body_that_grows_too_large(proxying: Proxying) -> None:
    downstream = proxying.request(CHUNKED.replace(b"PUT /", b"PUT /small/x"))
    bring(downstream, b"x" * 10, ended=False)
    assert downstream.finished is None
    bring(downstream, b"x", ended=False)
    assert downstream.sent.startswith(b"HTTP/1.1 413 ")
    assert proxying.line.reason == "body_grew"


def test_a_body_that_grows_too_large_while_its_service_has_it() -> None:
    proxying = Proxying(
        "version: 1\nservices: {api: {targets: [http://a]}}\n"
        "routes: [{name: all, match: {path: /**}, service: api, max_body: 100KiB}]\n"
    )
    upstream = proxying.offer()
    downstream = proxying.request(CHUNKED)
    bring(downstream, b"x" * 100 * 1024, ended=False)
    assert upstream.calls == []
    bring(downstream, b"x", ended=False)
    assert downstream.sent.startswith(b"HTTP/1.1 413 ")
    assert upstream.calls == ["close"]


# 2 which connection?


def test_who_must_wait_waits_and_holds_its_body_back(proxying: Proxying) -> None:
    downstream = proxying.request(post(LARGE + 1))
    bring(downstream, b"x" * LARGE, ended=False)
    assert downstream.is_paused
    pool = proxying.service.pools[0]
    upstream = proxying.offer()
    pool.waiting[0].upstream_ready(upstream)
    assert not downstream.is_paused
    assert not pool.waiting[0].is_waiting
    proxying.time.let_pass(10)
    assert downstream.finished is None


def test_who_waits_too_long_is_turned_away(proxying: Proxying) -> None:
    downstream = proxying.get()
    proxying.time.let_pass(limits.POOL_QUEUE_SECONDS - 0.5)
    assert downstream.finished is None
    proxying.time.let_pass(1)
    assert downstream.sent.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nRetry-After: 1\r\n" in downstream.sent
    assert proxying.line.reason == "pool_queue_timeout"
    assert not proxying.service.pools[0].waiting[0].is_waiting


def test_a_full_queue_is_not_tried_again(proxying: Proxying) -> None:
    proxying.service.pools[0].refusal = MessageRefused(OVERLOADED, "pool_queue_full")
    assert proxying.get().sent.startswith(b"HTTP/1.1 503 ")
    assert proxying.line.retries == 0


def test_who_leaves_while_it_waits_is_gone(proxying: Proxying) -> None:
    downstream = proxying.get()
    waiting = proxying.service.pools[0].waiting[0]
    assert downstream.exchange is not None
    downstream.exchange.client_gone()
    assert not waiting.is_waiting
    assert (proxying.line.status, proxying.service.active) == (499, 0)
    proxying.time.let_pass(10)
    assert len(proxying.ended) == 1


@pytest.mark.parametrize("method", [b"GET", b"POST"])
def test_a_target_that_can_not_be_reached_is_replaced(proxying: Proxying, method: bytes) -> None:
    proxying.request(method + b" / HTTP/1.1\r\nHost: a\r\n\r\n")
    upstream = proxying.offer(pool=1)
    proxying.service.pools[0].waiting[0].upstream_failed(UPSTREAM_UNREACHABLE, "connect_econnrefused")
    assert upstream.is_asked
    assert upstream.exchange.target == "http://two.test:82"
    assert (upstream.exchange.retries, proxying.service.retrying) == (1, 0)


def test_one_more_try_and_no_more(proxying: Proxying) -> None:
    downstream = proxying.get()
    for pool in proxying.service.pools:
        pool.waiting[0].upstream_failed(UPSTREAM_UNREACHABLE, "connect_econnrefused")
    assert downstream.sent.startswith(b"HTTP/1.1 502 ")
    assert (proxying.line.retries, proxying.line.reason) == (1, "connect_econnrefused")
    assert (proxying.service.active, proxying.service.retrying) == (0, 0)


def alone(proxying: Proxying) -> NotingPool:
    del proxying.service.pools[1]
    return proxying.service.pools[0]


def test_the_only_target_is_tried_again_after_a_moment(proxying: Proxying) -> None:
    pool = alone(proxying)
    downstream = proxying.get()
    pool.waiting[0].upstream_failed(UPSTREAM_UNREACHABLE, "connect_econnrefused")
    upstream = proxying.offer()
    proxying.time.loop.advance(0.012)
    assert not upstream.is_asked
    proxying.time.loop.advance(0.026)
    assert upstream.is_asked
    assert downstream.finished is None


def test_the_only_target_is_tried_again_within_the_budget_alone(proxying: Proxying) -> None:
    pool = alone(proxying)
    proxying.service.is_affordable = False
    downstream = proxying.get()
    pool.waiting[0].upstream_failed(UPSTREAM_UNREACHABLE, "connect_econnrefused")
    assert downstream.sent.startswith(b"HTTP/1.1 502 ")
    assert proxying.line.retries == 0


def test_another_target_is_tried_whatever_the_budget(proxying: Proxying) -> None:
    """However many run when a target dies, all of them can go elsewhere: it is no more work than before."""
    proxying.service.is_affordable = False
    proxying.get()
    upstream = proxying.offer(pool=1)
    proxying.service.pools[0].waiting[0].upstream_failed(UPSTREAM_UNREACHABLE, "connect_econnrefused")
    assert upstream.is_asked


def test_the_budget_is_given_back(proxying: Proxying) -> None:
    pool = alone(proxying)
    downstream = proxying.get()
    pool.waiting[0].upstream_failed(UPSTREAM_UNREACHABLE, "connect_econnrefused")
    assert proxying.service.retrying == 1
    assert downstream.exchange is not None
    downstream.exchange.client_gone()
    assert proxying.service.retrying == 0


def test_a_client_that_leaves_in_that_moment(proxying: Proxying) -> None:
    pool = alone(proxying)
    downstream = proxying.get()
    pool.waiting[0].upstream_failed(UPSTREAM_UNREACHABLE, "connect_econnrefused")
    assert downstream.exchange is not None
    downstream.exchange.client_gone()
    upstream = proxying.offer()
    proxying.time.loop.advance(1)
    assert upstream.exchange is None
    assert len(proxying.ended) == 1


# 3 the request is written


def test_a_small_body_is_awaited_before_a_connection_is_taken(proxying: Proxying) -> None:
    downstream = proxying.request(post(6))
    pool = proxying.service.pools[0]
    bring(downstream, b"abc", ended=False)
    assert (pool.waiting, proxying.service.active) == ([], 1)
    upstream = proxying.offer()
    bring(downstream, b"def")
    assert upstream.sent.endswith(b"\r\n\r\nabcdef")
    assert upstream.is_asked
    assert upstream.exchange.bytes_in == 6


def test_a_client_that_leaves_while_its_small_body_is_awaited(proxying: Proxying) -> None:
    downstream = proxying.request(post(6))
    assert downstream.exchange is not None
    downstream.exchange.client_gone()
    assert (proxying.line.status, proxying.service.active) == (499, 0)


@pytest.mark.parametrize("raw", [post(LARGE), CHUNKED], ids=["length", "chunked"])
def test_a_large_body_holds_no_connection_before_64_kib_are_there(proxying: Proxying, raw: bytes) -> None:
    downstream = proxying.request(raw)
    bring(downstream, b"a" * limits.REPLAY_BYTES, ended=False)
    assert proxying.service.pools[0].waiting == []
    upstream = proxying.offer()
    bring(downstream, b"b", ended=False)
    assert upstream.sent.count(b"a") >= limits.REPLAY_BYTES
    assert not upstream.is_asked
    bring(downstream, b"c")
    assert upstream.is_asked


@pytest.mark.parametrize(("seconds", "octets", "is_quick"), [(0.9, 4096, False), (2, 1800, False), (2, 2100, True)])
def test_a_live_stream_goes_on_once_it_has_shown_its_pace(
    proxying: Proxying, seconds: float, octets: int, is_quick: bool
) -> None:
    downstream, upstream = proxying.request(CHUNKED), proxying.offer()
    assert isinstance(downstream.exchange, ProxyExchange)
    downstream.exchange.started -= seconds
    bring(downstream, b"a" * octets, ended=False)
    assert upstream.sent.endswith(b"a\r\n") is is_quick
    bring(downstream, b"and the rest", ended=False)
    assert upstream.sent.endswith(b"c\r\nand the rest\r\n") is is_quick


def test_chunks_are_framed_anew_and_end_with_trailers_that_were_announced(proxying: Proxying) -> None:
    upstream = proxying.offer()
    downstream = proxying.request(CHUNKED.replace(b"Host", b"TE: trailers\r\nHost"))
    bring(downstream, b"abc", b"x" * 16, ended=False)
    assert downstream.exchange is not None
    downstream.exchange.request_end([(b"X-Sum", b"1"), (b"Host", b"evil")])
    assert upstream.sent.endswith(b"\r\n\r\n3\r\nabc\r\n10\r\n" + b"x" * 16 + b"\r\n0\r\nX-Sum: 1\r\n\r\n")


def test_trailers_that_nobody_announced_are_dropped(proxying: Proxying) -> None:
    upstream = proxying.offer()
    downstream = proxying.request(CHUNKED)
    assert downstream.exchange is not None
    downstream.exchange.request_end([(b"X-Sum", b"1")])
    assert upstream.sent.endswith(b"\r\n\r\n0\r\n\r\n")


def test_a_body_that_came_while_it_waited_is_written_then(proxying: Proxying) -> None:
    downstream = proxying.request(CHUNKED)
    bring(downstream, b"abc", b"def")
    upstream = proxying.offer()
    proxying.service.pools[0].waiting[0].upstream_ready(upstream)
    assert upstream.sent.endswith(b"\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n")
    assert upstream.is_asked


@pytest.mark.parametrize("size", [5, LARGE])
def test_100_continue_is_said_at_once_and_no_connection_is_taken_for_it(proxying: Proxying, size: int) -> None:
    downstream = proxying.request(post(size, b"Expect: 100-continue"))
    assert downstream.sent == CONTINUE
    assert proxying.service.pools[0].waiting == []
    upstream = proxying.offer()
    bring(downstream, b"x" * size)
    assert downstream.sent == CONTINUE
    assert upstream.is_asked


# who is believed


TRUSTING = """
version: 1
trusted_proxies: [10.0.0.0/8]
services: {api: {targets: [http://one.test:81]}}
routes: [{name: all, match: {path: /**}, service: api}]
"""


@pytest.mark.parametrize(("peer", "is_believed"), [("10.0.0.1", True), ("192.0.2.7", False)])
def test_a_trusted_proxy_is_believed_about_client_and_request_id(peer: str, is_believed: bool) -> None:
    proxying = Proxying(TRUSTING)
    upstream = proxying.offer()
    raw = b"GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: theirs-1\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n"
    proxying.request(raw, NotingDownstream(peer))
    exchange = upstream.exchange
    assert (exchange.id == b"theirs-1", exchange.remote) == (is_believed, "198.51.100.1" if is_believed else peer)
    assert (b"X-Request-Id: theirs-1\r\n" in upstream.sent) is is_believed


@pytest.mark.parametrize("request_id", [b"a b", b"x" * 129, b'"><script>', b"a\tb", b""])
def test_a_request_id_that_is_none_is_replaced_even_then(request_id: bytes) -> None:
    proxying = Proxying(TRUSTING)
    upstream = proxying.offer()
    proxying.request(
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: " + request_id + b"\r\n\r\n", NotingDownstream("10.0.0.1")
    )
    assert len(upstream.exchange.id) == 32
    assert upstream.sent.count(b"X-Request-Id: ") == 1
