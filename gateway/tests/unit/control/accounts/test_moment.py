"""Ages across restarts, and clocks that were set."""

from __future__ import annotations

import pytest

from moongate.control.accounts.moment import Moment, current

THEN = Moment(1_000_000.0, 500.0, "boot-1")
FOREVER = float("inf")


@pytest.mark.parametrize(
    ("now", "age"),
    [
        (Moment(1_000_010.0, 510.0, "boot-1"), 10.0),
        (Moment(900_000.0, 510.0, "boot-1"), 10.0),  # the clock was set back: the machine knows better
        (Moment(2_000_000.0, 510.0, "boot-1"), 10.0),  # or forward
        (Moment(1_000_010.0, 3.0, "boot-2"), 10.0),  # the machine was restarted
        (Moment(1_000_010.0, 3.0, ""), 10.0),
        (Moment(999_999.0, 3.0, "boot-2"), FOREVER),  # nothing can be told: nothing is relied on
        (Moment(999_999.0, 3.0, ""), FOREVER),
        (Moment(1_000_010.0, 400.0, "boot-1"), 10.0),  # a machine that went back to an older state of itself
    ],
)
def test_age(now: Moment, age: float) -> None:
    assert THEN.age(now) == age


def test_now_is_not_in_the_future() -> None:
    first = current()
    assert 0.0 <= first.age(current()) < 60.0
