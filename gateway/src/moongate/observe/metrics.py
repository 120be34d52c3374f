"""Counts every exchange of one worker, for control to fetch and to add up.

What was counted is handed over and begun anew: a worker that was restarted, or whose routes change, needs no history,
and telling costs what there was to count since, however many routes there are. With 10,000 busy routes that is 35 ms
of both sides together, and as much for the collector, so that then only the sums are told each second. Labels are the
config's names, known methods and statuses; nothing that a client invents. Counting costs 0.3 us a request.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, Final, cast

from moongate.observe.counts import (
    BOUNDS,
    METHODS,
    OTHER_METHOD,
    Counts,
    Histogram,
    Outcomes,
    RequestKey,
    RouteKey,
)

if TYPE_CHECKING:
    from moongate.core.exchange import Exchange, Observer


_SHORT: Final = 500  # series
# What is counted of one key: a bucket for each of BOUNDS, one for what lasts longer, the sum of seconds, and how many.
_SECONDS: Final = len(BOUNDS) + 1
_COUNT: Final = _SECONDS + 1
_NOTHING: Final[list[float]] = [0] * (_COUNT + 1)


class Metrics:
    """Observes exchanges (core.exchange.Observer), and tells ``then`` of each as well."""

    __slots__ = ("_rejections", "_retries", "_rows", "_told", "_upstream", "then")

    _told: Outcomes  # of the rows, by `take_outcomes`

    def __init__(self) -> None:
        self.then: Observer | None = None
        self._begin()

    def exchange_ended(self, exchange: Exchange) -> None:
        head = exchange.head
        method = "" if head is None else METHODS.get(head.method, OTHER_METHOD)
        service = exchange.service
        key = (exchange.route, service, method, exchange.status)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = _NOTHING.copy()
        seconds = exchange.ended - exchange.started
        row[bisect_left(BOUNDS, seconds)] += 1
        row[_SECONDS] += seconds
        row[_COUNT] += 1
        seconds = exchange.upstream_ended - exchange.upstream_started
        if exchange.upstream_started and seconds > 0:
            share = self._upstream.get(service)
            if share is None:
                share = self._upstream[service] = _NOTHING.copy()
            share[bisect_left(BOUNDS, seconds)] += 1
            share[_SECONDS] += seconds
        if exchange.code:
            self._rejections[exchange.code] += 1
        if exchange.retries:
            self._retries[exchange.service] += exchange.retries
        if self.then is not None:
            self.then.exchange_ended(exchange)

    @property
    def is_short(self) -> bool:
        """Whether to tell all of it costs little."""
        return len(self._rows) <= _SHORT

    def take_outcomes(self) -> Outcomes:
        """What requests came to since the last time."""
        requests = client_errors = server_errors = 0
        for (_, _, _, status), row in self._rows.items():
            count = int(row[_COUNT])
            requests += count
            if status >= 500:
                server_errors += count
            elif status >= 400:
                client_errors += count
        before = self._told
        self._told = Outcomes(requests, client_errors, server_errors)
        return self._told.since(before)

    def take(self) -> tuple[Outcomes, Counts]:
        """What requests came to since the last time, and all that was counted since the last time that all was told."""
        outcomes = self.take_outcomes()
        durations: dict[RouteKey, Histogram] = {}
        for (route, service, _, _), row in self._rows.items():
            histogram = _histogram(row)
            of_route = durations.setdefault((route, service), histogram)
            if of_route is not histogram:
                of_route.add(histogram)
        counts = Counts(
            [(key, int(row[_COUNT])) for key, row in self._rows.items()],
            list(durations.items()),
            [(name, _histogram(row)) for name, row in self._upstream.items()],
            dict(self._rejections),
            dict(self._retries),
        )
        self._begin()
        return outcomes, counts

    def _begin(self) -> None:
        # A list each, and not an object with its histogram: with 10,000 routes all of it is read from main memory.
        self._rows: dict[RequestKey, list[float]] = {}
        self._told = Outcomes()
        self._upstream: dict[str, list[float]] = {}
        self._rejections: Counter[str] = Counter()
        self._retries: Counter[str] = Counter()


def _histogram(row: list[float]) -> Histogram:
    return Histogram(cast("list[int]", row[:_SECONDS]), row[_SECONDS])
