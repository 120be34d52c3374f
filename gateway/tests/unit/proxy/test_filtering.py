"""Filters between a route and its service, with both sides played by hand."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from msgspec.structs import replace

from gateway_harness.proxying import Proxying, response_head_of
from gateway_harness.sides import NotingDownstream
from moongate.core import limits
from moongate.core.edits import FieldEdits
from moongate.core.errors import METHOD_NOT_ALLOWED
from moongate.core.exchange import Exchange
from moongate.filters import Filter, Refusal, Response, Verdict
from moongate.proxy.exchange import ProxyExchange

POST = b"POST /small/x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\n"


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(*args: Any, **named: Any) -> None:
        asyncio.run(test(*args, **named))

    return run


def through(*chain: Filter) -> Proxying:
    """An engine whose every route has this chain."""
    proxying = Proxying(
        "version: 1\nservices: {api: {targets: [http://one.test:81]}}\n"
        "routes: [{name: all, match: {}, service: api, filters: [{request_headers: {set: {X-A: '1'}}}]}]\n"
    )
    proxying.engine.live = replace(proxying.engine.live, chains={"all": chain})
    return proxying


def noting(notes: list[str], name: str, verdict: Verdict = None) -> Filter:
    def step(exchange: Exchange, /) -> Verdict:
        notes.append(f"{name} {exchange.route}")
        return verdict

    return step


def asking(answer: Callable[[], Awaitable[Verdict]]) -> Filter:
    def step(exchange: Exchange, /) -> Awaitable[Verdict]:
        return answer()

    return step


def test_all_are_passed_in_order_and_then_the_service_is_asked() -> None:
    notes: list[str] = []
    proxying = through(noting(notes, "first"), noting(notes, "second"))
    upstream = proxying.offer()
    proxying.get()
    assert notes == ["first all", "second all"]
    assert upstream.is_asked


@pytest.mark.parametrize(
    ("verdict", "status", "code"),
    [
        (Response(418, b"short", ((b"X-Kettle", b"1"),)), 418, ""),
        (Refusal(METHOD_NOT_ALLOWED, "no", ((b"Allow", b"PUT"),)), 405, "method_not_allowed"),
    ],
)
def test_a_verdict_is_the_answer(verdict: Verdict, status: int, code: str) -> None:
    notes: list[str] = []
    proxying = through(noting(notes, "first", verdict), noting(notes, "never"))
    downstream = proxying.get()
    assert downstream.sent.startswith(b"HTTP/1.1 %d " % status)
    assert b"X-Kettle: 1\r\n" in downstream.sent or b"Allow: PUT\r\n" in downstream.sent
    assert downstream.finished is True
    assert notes == ["first all"]
    line = proxying.line
    assert (line.status, line.code, line.origin, line.service) == (status, code, "gateway", "")


@pytest.mark.parametrize("error", [ZeroDivisionError, SystemExit])
def test_a_filter_that_fails_lets_nobody_through(error: type[BaseException]) -> None:
    def broken(exchange: Exchange, /) -> Verdict:
        raise error

    proxying = through(broken)
    assert proxying.get().sent.startswith(b"HTTP/1.1 500 ")
    assert proxying.line.reason == "exception"


def test_edits_reach_the_service_and_the_client() -> None:
    def editing(exchange: Exchange, /) -> None:
        exchange.edit(FieldEdits(frozenset((b"accept",)), b"X-New: 1\r\n"))
        exchange.edit_response(FieldEdits(frozenset((b"server",)), b"X-Seen: 1\r\n"))
        exchange.query = b"?forced=1"

    proxying = through(editing)
    upstream = proxying.offer()
    downstream = proxying.get(b"Accept: a", b"X-Old: 1", path=b"/a?b=1")
    assert upstream.sent.startswith(b"GET /a?forced=1 HTTP/1.1\r\nHost: a.test\r\nX-Old: 1\r\nX-New: 1\r\n")
    answer = response_head_of(b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 0\r\n\r\n")
    upstream.exchange.response_head(answer, b"", True)
    assert b"X-Seen: 1\r\n" in downstream.sent
    assert b"Server" not in downstream.sent


@in_loop
async def test_the_request_waits_for_a_filter_that_asks() -> None:
    asked = asyncio.get_running_loop().create_future()
    proxying = through(asking(lambda: asked))
    upstream = proxying.offer()
    proxying.get()
    await asyncio.sleep(0)
    assert not upstream.sent
    asked.set_result(None)
    await _turns()
    assert upstream.is_asked


@pytest.mark.parametrize("comes_early", [True, False])
@in_loop
async def test_a_body_is_not_read_meanwhile_and_lost_neither(comes_early: bool) -> None:
    asked = asyncio.get_running_loop().create_future()
    proxying = through(asking(lambda: asked))
    upstream = proxying.offer()
    downstream = proxying.request(POST)
    assert downstream.is_paused
    if comes_early:  # in the same octets as the head
        _bring(downstream, b"hello")
    asked.set_result(None)
    await _turns()
    if not comes_early:
        assert not downstream.is_paused
        _bring(downstream, b"hello")
    assert upstream.sent.endswith(b"\r\n\r\nhello")


@in_loop
async def test_a_chunked_body_goes_on_after_the_verdict() -> None:
    asked = asyncio.get_running_loop().create_future()
    proxying = through(asking(lambda: asked))
    upstream = proxying.offer()
    downstream = proxying.request(b"PUT / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert downstream.is_paused
    asked.set_result(None)
    await _turns()
    assert not downstream.is_paused
    _bring(downstream, b"hello")
    assert upstream.sent.endswith(b"5\r\nhello\r\n0\r\n\r\n")


@in_loop
async def test_a_late_verdict_is_the_answer_too() -> None:
    asked = asyncio.get_running_loop().create_future()
    proxying = through(asking(lambda: asked))
    downstream = proxying.request(POST)
    asked.set_result(Response(403, b"no"))
    await _turns()
    assert downstream.sent.startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize("error", [OSError("no route to host"), SystemExit("ends itself")])
@in_loop
async def test_a_filter_that_fails_late_lets_nobody_through(error: BaseException) -> None:
    asked = asyncio.get_running_loop().create_future()
    proxying = through(asking(lambda: asked))
    downstream = proxying.get()
    asked.set_exception(error)
    await _turns()
    assert downstream.sent.startswith(b"HTTP/1.1 500 ")


@in_loop
async def test_a_client_that_left_meanwhile_is_answered_nothing() -> None:
    asked = asyncio.get_running_loop().create_future()
    notes: list[str] = []
    proxying = through(asking(lambda: asked), noting(notes, "never"))
    downstream = proxying.get()
    exchange = downstream.exchange
    assert exchange is not None
    exchange.client_gone()
    asked.set_result(None)
    await _turns()
    assert not downstream.sent
    assert notes == []
    assert proxying.line.status == 499


@pytest.mark.parametrize("had_a_turn", [True, False])
@in_loop
async def test_nobody_is_asked_any_longer_for_a_client_that_left(had_a_turn: bool) -> None:
    told: list[str] = []

    async def ask() -> Verdict:
        told.append("asked")
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            told.append("let go")
        return None

    proxying = through(asking(ask))
    exchange = proxying.get().exchange
    assert exchange is not None
    if had_a_turn:
        await _turns()
    exchange.client_gone()
    await _turns()
    assert told == (["asked", "let go"] if had_a_turn else [])
    assert proxying.line.status == 499


async def _turns() -> None:
    """The task that waits for a future is two turns of the loop behind it."""
    for _ in range(3):
        await asyncio.sleep(0)


def _bring(downstream: NotingDownstream, data: bytes) -> None:
    exchange = downstream.exchange
    assert exchange is not None
    exchange.request_body(data)
    exchange.request_end([])


class Knowing:
    """core.exchange.BodyCheck: knows the body."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.seen = b""

    def update(self, data: bytes) -> None:
        self.seen += data

    def verdict(self) -> Refusal | None:
        return None if self.seen == self._body else Refusal(METHOD_NOT_ALLOWED, "another_body")


def knowing(check: Knowing) -> Filter:
    def step(exchange: Exchange, /) -> None:
        exchange.body_check = check

    return step


LARGE = limits.REPLAY_BYTES + 1
BODY = bytes(LARGE) + b"end"
SIZED = b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: %d\r\n\r\n" % len(BODY)
CHUNKED = b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"


def bring(downstream: NotingDownstream, *pieces: bytes) -> None:
    """The client's body comes, for as long as anybody listens."""
    for piece in pieces:
        if downstream.exchange is not None:
            downstream.exchange.request_body(piece)
    if downstream.exchange is not None:
        downstream.exchange.request_end([])


@pytest.mark.parametrize("head", [SIZED, CHUNKED])
@pytest.mark.parametrize("is_right", [True, False])
def test_a_service_never_has_all_of_a_body_that_is_wrong(head: bytes, is_right: bool) -> None:
    check = Knowing(BODY if is_right else b"another")
    proxying = through(knowing(check))
    upstream = proxying.offer()
    downstream = proxying.request(head)
    bring(downstream, BODY[:LARGE], BODY[LARGE:])
    assert check.seen == BODY
    assert upstream.sent.startswith(b"POST / ")
    assert BODY[:LARGE] in upstream.sent, "it went on while it came"
    if is_right:
        assert upstream.is_asked
        assert b"end" in upstream.sent
    else:
        assert (b"end" in upstream.sent) is (head is CHUNKED)
        assert not upstream.sent.endswith(b"0\r\n\r\n")
        assert upstream.calls[-1] == "close"
        assert downstream.sent.startswith(b"HTTP/1.1 405 ")
        assert proxying.line.reason == "another_body"
        assert proxying.service.active == 0


@pytest.mark.parametrize("head", [POST, CHUNKED])
@pytest.mark.parametrize("is_right", [True, False])
def test_of_a_small_body_that_is_wrong_a_service_hears_nothing(head: bytes, is_right: bool) -> None:
    proxying = through(knowing(Knowing(b"12345" if is_right else b"54321")))
    upstream = proxying.offer()
    downstream = proxying.request(head)
    bring(downstream, b"123", b"45")
    assert bool(upstream.sent) is is_right
    assert downstream.sent.startswith(b"HTTP/1.1 405 ") is not is_right
    assert proxying.service.active == int(is_right)


@pytest.mark.parametrize("head", [SIZED, CHUNKED])
def test_nor_of_one_that_comes_as_a_live_stream_does(head: bytes) -> None:
    proxying = through(knowing(Knowing(b"another")))
    upstream = proxying.offer()
    downstream = proxying.request(head)
    assert isinstance(downstream.exchange, ProxyExchange)
    downstream.exchange.started -= 2
    downstream.exchange.request_body(BODY[: limits.REPLAY_BYTES])
    assert upstream.sent == b""


@pytest.mark.parametrize("head", [POST, CHUNKED])
@pytest.mark.parametrize("is_right", [True, False])
@pytest.mark.parametrize("pieces", [(), (b"123",), (b"123", b"45")])
@in_loop
async def test_what_came_before_the_filter_spoke_counts(head: bytes, is_right: bool, pieces: tuple[bytes, ...]) -> None:
    check = Knowing(b"12345" if is_right else b"54321")
    go = asyncio.Event()

    def step(exchange: Exchange, /) -> Awaitable[Verdict]:
        async def answer() -> Verdict:
            await go.wait()
            exchange.body_check = check
            return None

        return answer()

    proxying = through(step)
    upstream = proxying.offer()
    downstream = proxying.request(head)
    exchange = downstream.exchange
    assert exchange is not None
    for piece in pieces:
        exchange.request_body(piece)
    is_whole = len(pieces) == 2
    if is_whole:
        exchange.request_end([])
    assert check.seen == b""
    go.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    if not is_whole:
        bring(downstream, b"12345"[len(b"".join(pieces)) :])
    assert check.seen == b"12345"
    assert bool(upstream.sent) is is_right
    assert downstream.sent.startswith(b"HTTP/1.1 405 ") is not is_right
