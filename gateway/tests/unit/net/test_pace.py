"""How slow a peer may be: 240 octets a second on the average, something in every minute."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, cast

from gateway_harness.polling import eventually
from moongate.core import limits
from moongate.net.pace import WINDOW_TICKS, Pace, Uptake
from moongate.net.wheel import TICK_SECONDS

if TYPE_CHECKING:
    import asyncio

# The wheel rounds up to its grain, so a window is a little longer than ten seconds.
OWED = int(limits.PACE_BYTES_PER_SECOND * WINDOW_TICKS * TICK_SECONDS)


def test_a_window_is_the_ten_seconds_of_the_limits_and_at_most_a_grain_more() -> None:
    assert limits.PACE_WINDOW_SECONDS <= WINDOW_TICKS * TICK_SECONDS <= limits.PACE_WINDOW_SECONDS + 2 * TICK_SECONDS


def test_just_fast_enough() -> None:
    pace = Pace()
    for _ in range(20):
        pace.octets += OWED
        assert pace.is_kept()


def test_one_octet_short_is_too_slow() -> None:
    pace = Pace()
    pace.octets += OWED - 1
    assert not pace.is_kept()


def test_one_octet_every_few_seconds_is_slowloris() -> None:
    pace = Pace()
    pace.octets += 3
    assert not pace.is_kept()


def test_what_was_sent_early_counts_later() -> None:
    pace = Pace()
    pace.octets = 4 * OWED
    assert [pace.is_kept() for _ in range(5)] == [True, True, True, True, False]


def test_silence_of_a_minute_ends_it_whatever_was_sent_before() -> None:
    pace = Pace()
    pace.octets = 1000 * OWED
    assert pace.is_kept()
    silent = 1
    while pace.is_kept():
        silent += 1
    assert silent * limits.PACE_WINDOW_SECONDS == limits.BODY_IDLE_SECONDS


def test_a_sign_of_life_ends_the_silence() -> None:
    pace = Pace()
    pace.octets = 1000 * OWED
    for _ in range(20):
        for _ in range(5):
            assert pace.is_kept()
        pace.octets += 1


def test_time_in_which_the_gateway_did_not_read_is_not_the_peers() -> None:
    pace = Pace()
    pace.octets = 1
    pace.forgive()  # held back for an hour, say
    pace.octets += OWED
    assert pace.is_kept()
    assert not pace.is_kept()


ENOUGH = int(limits.PACE_BYTES_PER_SECOND * limits.SLOW_READER_SECONDS)


class Written:
    """The part of a transport by which a reader is judged. Nothing waits in it: the kernel has taken everything."""

    def __init__(self, sock: socket.socket | None, waiting: int = 0) -> None:
        self.sock = sock
        self.waiting = waiting

    def get_extra_info(self, name: str) -> object:
        return {"socket": self.sock}[name]

    def get_write_buffer_size(self) -> int:
        return self.waiting


def uptake_of(written: Written) -> Uptake:
    return Uptake(cast("asyncio.Transport", written))


def test_what_a_reader_takes_shows_though_the_kernel_holds_the_rest() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect(server.getsockname())
        ours, _ = server.accept()
        with ours:
            ours.setblocking(False)
            while True:
                try:
                    ours.send(bytes(65536))
                except BlockingIOError:
                    break
            uptake = uptake_of(Written(ours))
            assert not uptake.is_kept()
            came = 0
            while came < ENOUGH + 8192:  # the reader's kernel says so in steps
                came += len(reader.recv(4096))
            eventually(uptake.is_kept, "the reader's progress")
            assert not uptake.is_kept()


def test_where_the_kernel_does_not_say_our_own_buffer_does() -> None:
    written = Written(None, 100_000)
    uptake = uptake_of(written)
    written.waiting -= ENOUGH
    assert uptake.is_kept()
    written.waiting -= ENOUGH - 1
    assert not uptake.is_kept()
