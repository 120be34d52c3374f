"""A client's connection with time and bytes by hand; the default time limits are met here, and nowhere else."""

from collections.abc import Callable

import pytest

from gateway_harness.fake_transport import FakeTransport
from gateway_harness.sides import NotingHandler
from gateway_harness.ticking import Ticking
from moongate.core import limits
from moongate.core.errors import REQUEST_TIMEOUT
from moongate.net.server import Server

GET = b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
CHUNKED = b"POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


class Client:
    """One connection in the hands of a test."""

    def __init__(self, *, answers_at_once: bool = False) -> None:
        self.time = Ticking()
        self.handler = NotingHandler(answers_at_once=answers_at_once)
        self.server = Server(self.time.loop.as_loop, self.time.wheel, self.handler)
        self.connection = self.server.make_connection()
        self.transport = FakeTransport(self.time.loop, self.connection)

    @property
    def is_over(self) -> bool:
        self.time.loop.run_until_quiet()
        return self.transport.lost_calls == 1

    def send(self, data: bytes) -> None:
        self.transport.receive(data)


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def quick() -> Client:
    """Every request is answered within the call that brings it."""
    return Client(answers_at_once=True)


# -- requests


def test_requests_follow_each_other(client: Client) -> None:
    for number in range(3):
        client.send(GET % number)
        client.handler.last.answer(b"answer %d;" % number)
    assert client.handler.paths == ["/0", "/1", "/2"]
    assert client.transport.sent == b"answer 0;answer 1;answer 2;"


def test_a_body_reaches_its_exchange(client: Client) -> None:
    client.send(POST % 6 + b"abc")
    client.send(b"def")
    exchange = client.handler.last
    assert (exchange.body, exchange.trailers) == (b"abcdef", [])
    exchange.answer()
    client.send(CHUNKED + b"3\r\nabc\r\n0\r\nX: y\r\n\r\n")
    assert (client.handler.last.body, client.handler.last.trailers) == (b"abc", [(b"X", b"y")])


def test_nonsense_goes_to_the_handler_and_the_connection_ends(client: Client) -> None:
    client.send(b"NONSENSE\r\n\r\n")
    assert client.handler.refused[0].failure.status in {400, 405}
    assert client.transport.sent == b"refused"
    client.send(b"more nonsense\r\n\r\n")
    assert len(client.handler.refused) == 1
    client.transport.receive_eof()
    assert client.is_over


def test_nonsense_within_a_body_goes_to_its_exchange(client: Client) -> None:
    client.send(CHUNKED + b"zz\r\n")
    refused = client.handler.last.refused
    assert refused is not None
    assert refused.reason == "bad_chunk"
    assert not client.handler.refused


# -- pipelining


def test_what_is_pipelined_stays_raw_and_the_socket_unread(client: Client) -> None:
    client.send(GET % 1 + GET % 2 + GET % 3)
    assert client.handler.paths == ["/1"]
    assert client.transport.is_reading_paused
    client.handler.last.answer(b"1")
    assert client.handler.paths == ["/1", "/2"]
    client.handler.last.answer(b"2")
    client.handler.last.answer(b"3")
    assert client.transport.sent == b"123"
    assert not client.transport.is_reading_paused


def test_what_the_transport_had_read_before_it_was_paused_is_kept(client: Client) -> None:
    client.send(GET % 1 + GET % 2)
    client.connection.data_received(GET % 3)
    for answer in (b"1", b"2", b"3"):
        client.handler.last.answer(answer)
    assert client.handler.paths == ["/1", "/2", "/3"]


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_pipelined_requests_are_the_same_however_they_are_cut(quick: Client, cut: int) -> None:
    raw = b"".join(GET % number + POST % 3 + b"abc" + CHUNKED + b"1\r\nx\r\n0\r\n\r\n" for number in range(8))
    for start in range(0, len(raw), cut):
        if quick.transport.is_reading_paused:
            quick.time.loop.run_until_quiet()
        quick.send(raw[start : start + cut])
    quick.time.loop.run_until_quiet()
    assert len(quick.handler.exchanges) == 24
    assert quick.transport.sent.split(b"\n")[:4] == [b"/0", b"/p", b"/c", b"/1"]


def test_a_flood_is_taken_up_sixteen_in_a_turn(quick: Client) -> None:
    quick.send(b"".join(GET % number for number in range(100)))
    counts = []
    while quick.transport.is_reading_paused:
        counts.append(len(quick.handler.exchanges))
        quick.time.loop.run_soon()
    assert counts == [16, 32, 48, 64, 80, 96]
    assert quick.handler.paths == [f"/{number}" for number in range(100)]


def test_a_client_that_does_not_read_is_given_no_more_answers(quick: Client) -> None:
    quick.transport.stall()
    quick.transport.write(b"x" * (limits.WRITE_HIGH_BYTES + 1))
    quick.send(GET % 1)
    assert quick.handler.paths == []
    assert quick.transport.is_reading_paused
    quick.transport.unstall()
    assert quick.handler.paths == ["/1"]


def test_a_client_that_goes_leaves_nothing_held(client: Client) -> None:
    client.send(GET % 1 + GET % 2)
    exchange = client.handler.last
    client.transport.reset()
    assert exchange.events == ["gone"]
    assert client.handler.paths == ["/1"]
    client.time.let_pass(200)
    assert client.time.loop.failures == []


# -- flow


def test_a_slow_reader_holds_the_response_back(client: Client) -> None:
    client.send(GET % 1)
    client.transport.stall()
    client.connection.write(b"x" * 70_000)
    assert client.handler.last.events == ["pause"]
    client.transport.take(60_000)
    assert client.handler.last.events == ["pause", "resume"]


def test_a_reader_that_stops_is_cut_off_after_thirty_seconds(client: Client) -> None:
    client.send(GET % 1)
    client.transport.stall()
    client.connection.write(b"x" * 70_000)
    client.time.let_pass(limits.SLOW_READER_SECONDS - 1)
    assert not client.is_over
    client.time.let_pass(2)
    assert client.is_over
    assert client.handler.last.events == ["pause", "gone"]


def test_a_reader_of_240_octets_a_second_goes_on(client: Client) -> None:
    client.send(GET % 1)
    client.transport.stall()
    client.connection.write(b"x" * 120_000)
    for _ in range(8):
        client.time.let_pass(30)
        client.transport.take(8_000)
    assert not client.is_over
    client.time.let_pass(30)
    client.transport.take(1_000)
    client.time.let_pass(31)
    assert client.is_over


def test_an_upstream_that_does_not_read_holds_the_body_back(client: Client) -> None:
    client.send(POST % 100_000 + b"x" * 10)
    client.connection.pause_body()
    assert client.transport.is_reading_paused
    client.time.let_pass(300)
    assert client.handler.last.refused is None, "it is the upstream that is slow"
    client.connection.resume_body()
    assert not client.transport.is_reading_paused
    client.send(b"x" * 99_990)
    assert client.handler.last.trailers == []


# -- deadlines


def test_a_connection_without_an_octet_is_closed_after_ten_seconds(client: Client) -> None:
    client.time.let_pass(9.5)
    assert not client.is_over
    client.time.let_pass(1.5)
    assert client.is_over
    assert (client.transport.sent, client.handler.refused) == (b"", [])


@pytest.mark.parametrize("first", [b"G", b"GET / HTTP/1.1\r\nHost: a\r\n"])
def test_a_head_has_ten_seconds_however_it_trickles(client: Client, first: bytes) -> None:
    client.time.let_pass(5)
    client.send(first)
    for _ in range(9):
        client.time.let_pass(1)
        client.send(b"x")
    assert not client.handler.refused
    client.time.let_pass(2)
    assert (client.handler.refused[0].failure, client.handler.refused[0].reason) == (REQUEST_TIMEOUT, "head_timeout")
    client.time.let_pass(2)
    assert client.is_over


def test_empty_lines_buy_no_time(client: Client) -> None:
    for _ in range(11):
        client.time.let_pass(1)
        if not client.is_over:
            client.send(b"\r\n")
    assert client.is_over
    assert client.transport.sent == b""


def test_the_next_head_has_ten_seconds_too_however_it_began(quick: Client) -> None:
    """Also where it began in the segment that ended the one before."""
    quick.send(b"GET /1 HTT")
    quick.send((GET % 1)[10:] + b"GET /2 HTT")
    quick.time.let_pass(11)
    assert quick.handler.refused[0].reason == "head_timeout"


def test_an_idle_connection_is_closed_after_a_minute_without_a_word(quick: Client) -> None:
    quick.send(GET % 1)
    quick.time.let_pass(limits.CLIENT_IDLE_SECONDS - 1)
    assert not quick.is_over
    quick.send(GET % 2)
    quick.time.let_pass(limits.CLIENT_IDLE_SECONDS - 1)
    assert not quick.is_over
    quick.time.let_pass(2)
    assert quick.is_over
    assert quick.transport.sent == b"/1\n/2\n"


def test_an_idle_client_that_does_not_read_loses_its_socket(quick: Client) -> None:
    quick.transport.stall()
    quick.send(GET % 1)
    quick.time.let_pass(limits.CLIENT_IDLE_SECONDS + limits.BODY_IDLE_SECONDS + 2)
    assert quick.is_over
    assert quick.transport.is_aborted


def test_a_running_exchange_has_no_deadline_here(client: Client) -> None:
    client.send(GET % 1)
    client.time.let_pass(1000)
    assert not client.is_over


@pytest.mark.parametrize(
    ("pace", "is_refused"), [(0, True), (200, True), (250, False)], ids=["silence", "too slow", "fast enough"]
)
def test_a_body_must_come_at_240_octets_a_second(client: Client, pace: int, is_refused: bool) -> None:
    client.send(POST % 10_000_000)
    for _ in range(30):
        client.time.let_pass(1)
        if client.handler.last.refused is None:
            client.connection.data_received(b"x" * pace) if pace else None
    refused = client.handler.last.refused
    assert (refused is not None) is is_refused
    if refused is not None:
        assert (refused.failure, refused.reason) == (REQUEST_TIMEOUT, "body_timeout")


# -- the end


def test_after_the_last_answer_the_connection_closes(client: Client) -> None:
    client.send(GET % 1)
    client.handler.last.answer(b"last", keep_alive=False)
    assert client.is_over
    assert (client.transport.sent, client.transport.is_aborted) == (b"last", False)


def test_a_last_answer_waits_for_a_slow_reader_but_not_for_ever(client: Client) -> None:
    client.send(GET % 1)
    client.transport.stall()
    client.handler.last.answer(b"last", keep_alive=False)
    assert not client.is_over
    client.time.let_pass(limits.BODY_IDLE_SECONDS + 1)
    assert client.is_over


def refuse_early(client: Client) -> None:
    client.send(POST % 1_000_000 + b"x" * 1000)
    client.handler.last.answer(b"refused", keep_alive=False)


def pipelined_behind_the_last(client: Client) -> None:
    client.send(GET % 1 + GET % 2)
    client.handler.last.answer(b"refused", keep_alive=False)


@pytest.mark.parametrize("bring", [refuse_early, pipelined_behind_the_last])
def test_with_octets_unread_it_lingers_so_that_the_answer_arrives(
    client: Client, bring: Callable[[Client], None]
) -> None:
    bring(client)
    assert (client.transport.sent, client.transport.eof_written, client.is_over) == (b"refused", True, False)
    client.send(b"x" * limits.LINGER_BYTES)
    assert not client.is_over
    client.send(b"x")
    assert client.is_over
    assert len(client.handler.exchanges) == 1


@pytest.mark.parametrize("bring", [refuse_early, pipelined_behind_the_last])
def test_it_lingers_for_a_second(client: Client, bring: Callable[[Client], None]) -> None:
    bring(client)
    client.time.let_pass(0.75)
    assert not client.is_over
    client.time.let_pass(1)
    assert client.is_over


def test_it_lingers_until_the_client_is_content(client: Client) -> None:
    refuse_early(client)
    client.transport.receive_eof()
    assert client.is_over
    assert not client.transport.is_aborted


def test_while_it_lingers_a_slow_reader_gets_its_answer(client: Client) -> None:
    client.send(POST % 1_000_000)
    client.transport.stall()
    client.handler.last.answer(b"refused", keep_alive=False)
    client.time.let_pass(20)
    assert not client.is_over
    client.transport.unstall()
    assert client.transport.sent == b"refused"
    client.time.let_pass(limits.BODY_IDLE_SECONDS + 2)
    assert client.is_over


def test_the_rest_of_a_small_refused_body_is_read_and_dropped(client: Client) -> None:
    client.send(POST % 1000 + b"x" * 10)
    assert client.connection.is_drainable
    client.handler.last.answer(b"refused")
    client.send(b"x" * 990 + GET % 2)
    assert client.handler.paths == ["/p", "/2"]


def test_a_rest_that_does_not_come_ends_the_connection(client: Client) -> None:
    client.send(POST % 1000 + b"x" * 10)
    client.handler.last.answer(b"refused")
    client.time.let_pass(25)
    assert client.is_over


@pytest.mark.parametrize("head", [POST % (limits.LINGER_BYTES + 1), CHUNKED])
def test_a_large_or_endless_rest_is_not_worth_reading(client: Client, head: bytes) -> None:
    client.send(head)
    assert not client.connection.is_drainable


@pytest.mark.parametrize("manner", ["receive_eof", "reset"])
def test_the_exchange_is_told_once_that_its_client_went(client: Client, manner: str) -> None:
    client.send(GET % 1)
    getattr(client.transport, manner)()
    assert client.is_over
    assert client.handler.last.events == ["gone"]
    assert client.connection.exchange is None
    assert not client.server.connections


def test_abort_breaks_the_connection(client: Client) -> None:
    client.send(GET % 1)
    client.connection.write(b"part")
    client.connection.abort()
    assert client.is_over
    assert client.transport.is_aborted
    assert client.handler.last.events == []


# -- tunnels


def test_in_a_tunnel_octets_are_octets(client: Client) -> None:
    client.send(GET % 1 + b"\x81\x85 not HTTP")
    client.connection.open_tunnel()
    client.send(GET % 2)
    assert client.handler.last.body == b"\x81\x85 not HTTP" + GET % 2
    assert client.handler.paths == ["/1"]
    client.time.let_pass(1000)
    assert not client.is_over
