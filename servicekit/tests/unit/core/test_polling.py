"""Waiting by looking again."""

from servicekit.core.polling import POLL_S, wait_for


def test_what_is_there_is_found_at_once() -> None:
    naps: list[float] = []
    assert wait_for(lambda: "x", 5, naps.append) == "x"
    assert naps == []


def test_what_comes_is_found_and_what_does_not_is_given_up() -> None:
    naps: list[float] = []
    assert wait_for(lambda: len(naps) if len(naps) > 2 else None, 5, naps.append) == 3
    naps.clear()
    assert wait_for(lambda: None, 1, naps.append) is None
    assert sum(naps) <= 1 + POLL_S
    assert wait_for(lambda: None, 0, naps.append) is None
