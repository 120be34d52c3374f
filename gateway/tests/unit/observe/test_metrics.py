from moongate.core.exchange import Exchange
from moongate.core.message import RequestHead, RequestSection
from moongate.observe.counts import BOUNDS, Outcomes
from moongate.observe.metrics import Metrics


def exchange(
    method: bytes = b"GET", status: int = 200, seconds: float = 0.0, upstream: float | None = None
) -> Exchange:
    made = Exchange(b"id", 1, RequestHead(method, b"/raw/path", b"", RequestSection()), "192.0.2.1", 100.0)
    made.route, made.service, made.status = "r", "s", status
    made.ended = 100.0 + seconds
    if upstream is not None:
        made.upstream_started, made.upstream_ended = 100.0, 100.0 + upstream
    return made


class Noting:
    def __init__(self) -> None:
        self.ended: list[Exchange] = []

    def exchange_ended(self, exchange: Exchange) -> None:
        self.ended.append(exchange)


def test_requests_are_counted_by_what_the_config_names_and_what_was_answered() -> None:
    metrics = Metrics()
    for each in (exchange(), exchange(), exchange(b"POST", 201), exchange(status=404)):
        metrics.exchange_ended(each)
    assert dict(metrics.take()[1].requests) == {
        ("r", "s", "GET", 200): 2,
        ("r", "s", "POST", 201): 1,
        ("r", "s", "GET", 404): 1,
    }


def test_what_a_client_invents_makes_no_series() -> None:
    metrics = Metrics()
    for number in range(1000):
        metrics.exchange_ended(exchange(b"X%d" % number))
    unread = Exchange(b"id", 1, None, "192.0.2.1", 100.0)
    unread.status = 400
    metrics.exchange_ended(unread)
    assert dict(metrics.take()[1].requests) == {("r", "s", "other", 200): 1000, ("", "", "", 400): 1}


def test_durations_fall_into_the_bucket_that_ends_at_or_above_them() -> None:
    metrics = Metrics()
    for seconds in (0.0, 0.001, 0.002, 10.0, 11.0):
        # exactly representable around 100: the clock's own grain is not what is tested
        each = exchange()
        each.started, each.ended = 0.0, seconds
        metrics.exchange_ended(each)
    [(key, histogram)] = metrics.take()[1].durations
    assert key == ("r", "s")
    assert [histogram.buckets[index] for index in (0, 1, len(BOUNDS) - 1, len(BOUNDS))] == [2, 1, 1, 1]
    assert histogram.seconds == 0.003 + 21.0


def test_the_services_share_is_counted_where_it_had_one() -> None:
    metrics = Metrics()
    metrics.exchange_ended(exchange(status=503))
    assert metrics.take()[1].upstream == []
    metrics.exchange_ended(exchange(upstream=0.5))
    [(name, histogram)] = metrics.take()[1].upstream
    assert (name, sum(histogram.buckets), histogram.seconds) == ("s", 1, 0.5)


def test_refusals_and_retries() -> None:
    metrics = Metrics()
    refused, retried = exchange(status=503), exchange()
    refused.code, retried.retries = "overloaded", 2
    metrics.exchange_ended(refused)
    metrics.exchange_ended(retried)
    _, counts = metrics.take()
    assert (counts.rejections, counts.retries) == ({"overloaded": 1}, {"s": 2})


def test_what_was_taken_is_counted_no_more() -> None:
    metrics = Metrics()
    metrics.exchange_ended(exchange())
    metrics.take()
    _, counts = metrics.take()
    assert (counts.requests, counts.durations, counts.upstream) == ([], [], [])
    metrics.exchange_ended(exchange())
    assert dict(metrics.take()[1].requests) == {("r", "s", "GET", 200): 1}


def test_sums_are_told_once_between_and_with_all_of_it() -> None:
    metrics = Metrics()
    for status in (200, 302, 404, 499, 503):
        metrics.exchange_ended(exchange(status=status))
    assert metrics.take_outcomes() == Outcomes(5, 2, 1)
    assert metrics.take_outcomes() == Outcomes()
    metrics.exchange_ended(exchange(status=404))
    outcomes, counts = metrics.take()
    assert outcomes == Outcomes(1, 1, 0)
    assert sum(count for _, count in counts.requests) == 6
    metrics.exchange_ended(exchange())
    assert metrics.take()[0] == Outcomes(1)


def test_five_hundred_series_are_told_at_any_time() -> None:
    metrics = Metrics()
    for status in range(200, 700):
        metrics.exchange_ended(exchange(status=status))
    assert metrics.is_short
    metrics.exchange_ended(exchange(status=700))
    assert not metrics.is_short


def test_whoever_comes_next_is_told_too() -> None:
    metrics, log = Metrics(), Noting()
    metrics.then = log
    each = exchange()
    metrics.exchange_ended(each)
    assert log.ended == [each]
