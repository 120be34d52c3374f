"""How slow a peer may be: 240 octets a second on the average, something in every minute."""

from __future__ import annotations

from moongate.core import limits
from moongate.net.pace import WINDOW_TICKS, Pace
from moongate.net.wheel import TICK_SECONDS

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
