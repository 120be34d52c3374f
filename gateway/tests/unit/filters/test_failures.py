"""Twenty wrong ones at once and one each three seconds, for whoever they come from and however many those are."""

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from moongate.core.limits import FAILED_CREDENTIALS, FAILED_CREDENTIALS_SECONDS
from moongate.filters.failures import Failures, refusal

EACH = FAILED_CREDENTIALS_SECONDS / FAILED_CREDENTIALS


def test_so_many_at_once_and_then_one_each_few_seconds() -> None:
    failures = Failures()
    assert [failures.count("a", 100.0) for _ in range(FAILED_CREDENTIALS + 2)] == [0] * FAILED_CREDENTIALS + [3, 3]
    assert failures.count("b", 100.0) == 0
    assert (failures.wait("a", 101.5), failures.wait("a", 100.0 + EACH)) == (2, 0)
    assert [failures.count("a", 100.0 + EACH) for _ in range(2)] == [0, 3]
    assert failures.wait("a", 100.0 + 10 * FAILED_CREDENTIALS_SECONDS) == 0


def test_whoever_waits_as_told_is_heard() -> None:
    failures, now = Failures(), 100.0
    for _ in range(100):
        now += failures.wait("a", now)
        assert failures.count("a", now) == 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 5)), max_size=200))
def test_no_minute_has_more_than_twice_what_is_allowed(steps: list[tuple[str, float]]) -> None:
    failures, now = Failures(5), 0.0
    taken: dict[str, deque[float]] = {who: deque() for who in "abc"}
    for who, pause in steps:
        now += pause
        was_told = failures.wait(who, now)
        seconds = failures.count(who, now)
        assert seconds == was_told <= FAILED_CREDENTIALS_SECONDS / 5
        if not seconds:
            taken[who].append(now)
            while taken[who][0] <= now - FAILED_CREDENTIALS_SECONDS:
                taken[who].popleft()
            assert len(taken[who]) <= 2 * 5


def test_only_so_many_are_remembered_and_those_who_fail_most_stay() -> None:
    failures = Failures(1, max_entries=10)
    for number in range(1000):
        failures.count("one that goes on", 60.0 * number)
        failures.count(f"passer-by {number}", 60.0 * number)
    assert len(failures) == 10
    assert failures.wait("one that goes on", 60.0 * 999) > 0
    assert failures.wait("passer-by 0", 60.0 * 999) == 0


def test_the_answer_says_how_long() -> None:
    said = refusal(7, "basic_unjudged")
    assert (said.failure.status, said.failure.code, said.reason) == (429, "rate_limited", "basic_unjudged")
    assert said.fields == ((b"Retry-After", b"7"),)
