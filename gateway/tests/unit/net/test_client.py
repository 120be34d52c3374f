"""An upstream connection with time and bytes by hand."""

import pytest

from gateway_harness.fake_transport import FakeTransport
from gateway_harness.sides import NotingUpstreamEvents
from gateway_harness.ticking import Ticking
from moongate.core import limits
from moongate.core.errors import UPSTREAM_PROTOCOL_ERROR, UPSTREAM_TIMEOUT
from moongate.net.client import ClientConnection
from moongate.net.wheel import ticks

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HEAD_OF_TEN = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"


class NotingPool:
    """Who owns the connection between two exchanges: hands it to ``next_exchange`` as soon as it comes back."""

    def __init__(self) -> None:
        self.head_ticks = ticks(30)
        self.body_ticks = ticks(60)
        self.taken: list[int] = []
        self.forgotten = 0
        self.stalled = 0
        self.next_exchange: NotingUpstreamEvents | None = None

    def count_stalled(self, is_stalled: bool) -> None:
        self.stalled += 1 if is_stalled else -1

    def take_back(self, connection: ClientConnection, idle_seconds: int) -> None:
        self.taken.append(idle_seconds)
        if self.next_exchange is not None:
            connection.begin(self.next_exchange, b"GET", b"next", True)

    def forget(self, connection: ClientConnection) -> None:
        self.forgotten += 1


class Releasing(NotingUpstreamEvents):
    """Gives its connection back when its response ends."""

    connection: ClientConnection

    def response_head(self, head: object, body: bytes, ended: bool) -> None:
        super().response_head(head, body, ended)  # type: ignore[arg-type]
        if ended:
            self.connection.release(head.idle_seconds)  # type: ignore[attr-defined]

    def response_end(self, trailers: object) -> None:
        super().response_end([])
        self.connection.release(0)


class Upstream:
    """One connection in the hands of a test, with an exchange that has asked."""

    def __init__(self) -> None:
        self.time = Ticking()
        self.pool = NotingPool()
        self.connection = ClientConnection(self.pool, self.time.wheel, self.time.turn)
        self.transport = FakeTransport(self.time.loop, self.connection)
        self.exchange = self.ask()

    def ask(self, method: bytes = b"GET", *, is_whole: bool = True) -> NotingUpstreamEvents:
        exchange = NotingUpstreamEvents()
        self.connection.begin(exchange, method, b"request", is_whole)
        return exchange

    def send(self, data: bytes) -> None:
        self.transport.receive(data)

    @property
    def is_over(self) -> bool:
        self.time.loop.run_until_quiet()
        return self.transport.lost_calls == 1 and self.pool.forgotten == 1


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


def test_a_request_and_its_answer(upstream: Upstream) -> None:
    upstream.time.loop.run_until_quiet()
    assert upstream.transport.sent == b"request"
    upstream.send(OK)
    assert upstream.exchange.head is not None
    assert (upstream.exchange.head.status, upstream.exchange.body, upstream.exchange.is_ended) == (200, b"ok", True)


def test_it_goes_back_to_the_pool_and_serves_again(upstream: Upstream) -> None:
    upstream.send(b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=7\r\nContent-Length: 0\r\n\r\n")
    assert not upstream.connection.is_reused
    upstream.connection.release(7)
    assert (upstream.pool.taken, upstream.connection.is_reused) == ([7], True)
    again = upstream.ask()
    upstream.send(OK)
    assert again.body == b"ok"


# -- ends


@pytest.mark.parametrize("manner", ["receive_eof", "reset"])
@pytest.mark.parametrize(
    ("octets", "reason", "is_silent"),
    [
        (b"", "upstream_closed", True),
        (b"H", "upstream_closed_early", False),
        (b"HTTP/1.1 100 Continue\r\n\r\n", "upstream_closed_early", False),
        (HEAD_OF_TEN + b"abc", "upstream_closed_early", False),
    ],
)
def test_an_end_without_an_octet_is_silent(
    upstream: Upstream, manner: str, octets: bytes, reason: str, is_silent: bool
) -> None:
    if octets:
        upstream.send(octets)
    getattr(upstream.transport, manner)()
    assert upstream.exchange.lost == (UPSTREAM_PROTOCOL_ERROR, reason, is_silent)
    assert upstream.is_over


@pytest.mark.parametrize("octets", [b"garbage\r\n\r\n", b"HTTP/1.1 101 Switch\r\n\r\n", b"x" * 20_000])
def test_nonsense_is_not_silence(upstream: Upstream, octets: bytes) -> None:
    upstream.send(octets)
    assert upstream.exchange.lost is not None
    failure, _, is_silent = upstream.exchange.lost
    assert (failure, is_silent) == (UPSTREAM_PROTOCOL_ERROR, False)
    assert upstream.is_over


def test_a_body_may_end_with_the_connection() -> None:
    class Closing(NotingUpstreamEvents):
        def response_end(self, trailers: object) -> None:
            super().response_end([])
            upstream.connection.close()

    upstream = Upstream()
    exchange = Closing()
    upstream.connection.begin(exchange, b"GET", b"", True)
    upstream.send(b"HTTP/1.1 200 OK\r\n\r\nabc")
    upstream.transport.receive_eof()
    assert (exchange.body, exchange.is_ended, exchange.lost) == (b"abc", True, None)
    assert upstream.is_over


def test_a_body_that_should_end_with_the_connection_may_break(upstream: Upstream) -> None:
    upstream.send(b"HTTP/1.1 200 OK\r\n\r\nabc")
    upstream.transport.reset()
    assert upstream.exchange.lost is not None
    assert not upstream.exchange.is_ended


@pytest.mark.parametrize("octets", [b"x", OK])
def test_octets_that_nobody_asked_for_end_it(upstream: Upstream, octets: bytes) -> None:
    upstream.send(OK)
    upstream.connection.release(0)
    upstream.send(octets)
    assert upstream.connection.is_closing()
    assert upstream.is_over


def test_after_close_nobody_is_told(upstream: Upstream) -> None:
    upstream.connection.close()
    assert upstream.is_over
    assert upstream.exchange.lost is None
    assert upstream.connection.is_closing()


# -- deadlines


def test_no_answer_is_a_timeout_and_never_silence(upstream: Upstream) -> None:
    upstream.time.let_pass(29)
    assert upstream.exchange.lost is None
    upstream.time.let_pass(2)
    assert upstream.exchange.lost == (UPSTREAM_TIMEOUT, "response_head_timeout", False)
    assert upstream.is_over


def test_the_time_for_the_head_begins_when_the_request_is_whole(upstream: Upstream) -> None:
    upstream.send(OK)
    upstream.connection.release(0)
    exchange = upstream.ask(b"POST", is_whole=False)
    upstream.time.let_pass(120)
    upstream.connection.write(b"body")
    upstream.connection.end_request()
    upstream.time.let_pass(29)
    assert exchange.lost is None
    upstream.time.let_pass(2)
    assert exchange.lost == (UPSTREAM_TIMEOUT, "response_head_timeout", False)


def test_each_piece_of_a_body_has_its_time(upstream: Upstream) -> None:
    upstream.send(HEAD_OF_TEN)
    for _ in range(5):
        upstream.time.let_pass(59)
        upstream.send(b"x")
    assert upstream.exchange.lost is None
    upstream.time.let_pass(62)
    assert upstream.exchange.lost == (UPSTREAM_TIMEOUT, "response_timeout", False)


def test_a_connection_that_is_leased_within_the_call_has_the_time_of_its_new_request() -> None:
    upstream = Upstream()
    first, following = Releasing(), NotingUpstreamEvents()
    first.connection = upstream.connection
    upstream.connection.begin(first, b"GET", b"", True)
    upstream.pool.next_exchange = following
    upstream.send(HEAD_OF_TEN)
    upstream.send(b"x" * 10)
    assert first.is_ended
    upstream.time.let_pass(31)
    assert following.lost == (UPSTREAM_TIMEOUT, "response_head_timeout", False)


def test_events_may_be_silent_for_ever(upstream: Upstream) -> None:
    upstream.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n")
    upstream.connection.wait_forever()
    upstream.time.let_pass(1800)
    upstream.send(b"9\r\ndata: 2\n\n\r\n")
    upstream.time.let_pass(1800)
    assert upstream.exchange.lost is None
    upstream.send(b"0\r\n\r\n")
    upstream.connection.release(0)
    again = upstream.ask()
    upstream.time.let_pass(31)
    assert again.lost is not None, "the next request is no stream"


def test_a_slow_client_is_not_the_upstreams_fault(upstream: Upstream) -> None:
    upstream.send(HEAD_OF_TEN)
    upstream.connection.pause_reading()
    assert upstream.transport.is_reading_paused
    upstream.time.let_pass(300)
    assert upstream.exchange.lost is None
    upstream.connection.resume_reading()
    upstream.time.let_pass(59)
    assert upstream.exchange.lost is None
    upstream.time.let_pass(3)
    assert upstream.exchange.lost is not None


def test_an_upstream_that_does_not_read_is_given_up(upstream: Upstream) -> None:
    upstream.send(OK)
    upstream.connection.release(0)
    exchange = upstream.ask(b"PUT", is_whole=False)
    upstream.transport.stall()
    upstream.connection.write(b"x" * (limits.WRITE_HIGH_BYTES + 1))
    assert exchange.events == ["pause"]
    upstream.time.let_pass(limits.BODY_IDLE_SECONDS - 1)
    assert exchange.lost is None
    upstream.time.let_pass(2)
    assert exchange.lost is not None
    assert exchange.lost[0] is UPSTREAM_TIMEOUT


def test_an_upstream_that_reads_on_goes_on(upstream: Upstream) -> None:
    upstream.send(OK)
    upstream.connection.release(0)
    exchange = upstream.ask(b"PUT", is_whole=False)
    for _ in range(3):
        upstream.transport.stall()
        upstream.connection.write(b"x" * (limits.WRITE_HIGH_BYTES + 1))
        upstream.time.let_pass(50)
        upstream.transport.unstall()
        upstream.time.let_pass(100)
    assert exchange.events == ["pause", "resume"] * 3
    assert exchange.lost is None


def test_the_pool_is_told_of_a_connection_that_was_idle_for_too_long(upstream: Upstream) -> None:
    upstream.send(OK)
    upstream.connection.release(0)
    upstream.time.wheel.arm(upstream.connection, 16)
    upstream.time.let_pass(5)
    assert upstream.is_over


def test_a_connection_that_was_paused_reads_again_in_the_pool(upstream: Upstream) -> None:
    upstream.send(OK)
    upstream.connection.pause_reading()
    upstream.connection.release(0)
    assert not upstream.transport.is_reading_paused


# -- what the pool need not count


def test_a_slow_sender_stalls_its_connection_until_the_request_is_whole(upstream: Upstream) -> None:
    assert upstream.pool.stalled == 0
    upstream.send(OK)
    upstream.connection.release(0)
    upstream.ask(b"PUT", is_whole=False)
    assert upstream.pool.stalled == 1
    upstream.connection.end_request()
    assert upstream.pool.stalled == 0


def test_a_slow_reader_stalls_its_connection(upstream: Upstream) -> None:
    upstream.send(HEAD_OF_TEN)
    for _ in range(2):
        upstream.connection.pause_reading()
        upstream.connection.pause_reading()
        assert upstream.pool.stalled == 1
        upstream.connection.resume_reading()
        assert upstream.pool.stalled == 0


def test_a_stream_stalls_its_connection_to_its_end(upstream: Upstream) -> None:
    upstream.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    upstream.connection.wait_forever()
    upstream.connection.pause_reading()
    upstream.connection.resume_reading()
    assert upstream.pool.stalled == 1
    upstream.send(b"0\r\n\r\n")
    upstream.connection.release(0)
    assert upstream.pool.stalled == 0


@pytest.mark.parametrize("end", ["reset", "close"])
def test_a_stalled_connection_that_ends_is_counted_no_more(upstream: Upstream, end: str) -> None:
    upstream.send(HEAD_OF_TEN)
    upstream.connection.pause_reading()
    if end == "reset":
        upstream.transport.reset()
    else:
        upstream.connection.close()
    assert upstream.is_over
    assert upstream.pool.stalled == 0
