from moongate.control.tally import Tally
from moongate.observe.counts import BOUNDS, Counts, Histogram, Outcomes
from moongate.worker.messages import Counted


def histogram(bucket: int, count: int, seconds: float) -> Histogram:
    buckets = [0] * (len(BOUNDS) + 1)
    buckets[bucket] = count
    return Histogram(buckets, seconds)


def test_what_workers_tell_is_added_up() -> None:
    tally = Tally()
    for status, count in ((200, 5), (404, 2), (503, 1)):
        counts = Counts(
            [(("r", "s", "GET", status), count)],
            [(("r", "s"), histogram(3, count, 0.5))],
            [("s", histogram(0, count, 0.25))],
            {"overloaded": count} if status == 503 else {},
            {"s": 1},
        )
        outcomes = Outcomes(count, count * (400 <= status < 500), count * (status >= 500))
        tally.add(Counted(0, outcomes, counts, 0.125, 1, 2, 3))
    assert tally.requests == {("r", "s", "GET", 200): 5, ("r", "s", "GET", 404): 2, ("r", "s", "GET", 503): 1}
    assert tally.durations["r", "s"] == histogram(3, 8, 1.5)
    assert tally.upstream["s"] == histogram(0, 8, 0.75)
    assert (tally.rejections, tally.retries, tally.cpu_seconds) == ({"overloaded": 1}, {"s": 3}, 0.375)
    assert tally.outcomes == Outcomes(8, 2, 1)
    assert tally.stale_serves == 9
    assert tally.outcomes.since(Outcomes(5, 0, 1)) == Outcomes(3, 2, 0)


def test_sums_alone_are_added_up_as_well() -> None:
    tally = Tally()
    tally.add(Counted(0, Outcomes(5, 2, 1), None, 0.125, 1, 2, 3))
    assert (tally.outcomes, tally.cpu_seconds, tally.stale_serves) == (Outcomes(5, 2, 1), 0.125, 3)
    assert not tally.requests
