import pytest

from moongate.compile import GuardPlan
from moongate.control.guard import Guard, History
from moongate.observe.counts import Outcomes

PLAN = GuardPlan(window=30, max_5xx=0.05, max_4xx=0.2, min_requests=100)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (Outcomes(1099, 0, 99), ""),
        (Outcomes(1100, 0, 10), ""),
        (Outcomes(1100, 0, 16), "16.0% of 100 answers are 5xx, 10.0% were before"),
        (Outcomes(1100, 0, 15), ""),
        (Outcomes(1200, 41, 0), "20.5% of 200 answers are 4xx, 0.0% were before"),
        (Outcomes(1200, 40, 0), ""),
    ],
)
def test_a_share_that_rises_beyond_its_bound(after: Outcomes, said: str) -> None:
    guard = Guard(PLAN, 100.0, Outcomes(1000, 0, 0), before=Outcomes(500, 0, 50))
    assert guard.objection(after) == said


def test_what_is_not_watched_may_rise() -> None:
    plan = GuardPlan(window=30, max_5xx=None, max_4xx=None, min_requests=1)
    assert Guard(plan, 0.0, Outcomes(), Outcomes()).objection(Outcomes(10, 5, 5)) == ""


def test_it_ends_with_its_window() -> None:
    guard = Guard(PLAN, 100.0, Outcomes(), Outcomes())
    assert [guard.is_over(now) for now in (100.0, 129.9, 130.0)] == [False, False, True]


def test_what_was_answered_lately() -> None:
    history = History()
    assert history.recent(0.0, Outcomes(5, 5, 5)) == Outcomes()
    for second in range(1000):
        history.note(float(second), Outcomes(second * 10, second, 0))
    assert history.recent(969.5, Outcomes(10_000, 1000, 0)) == Outcomes(300, 30, 0)
