"""What all workers have counted since control began: it only grows, whichever of them come and go."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from moongate.observe.counts import Histogram, Outcomes, RequestKey, RouteKey, empty_histogram

if TYPE_CHECKING:
    from moongate.worker.messages import Counted


class WorkerNow(NamedTuple):
    """A worker that lives: its number, counted from 1, its process, and how many exchanges and connections it has."""

    number: int
    pid: int
    in_flight: int
    connections: int


class Tally:
    """Sums. ``cpu_seconds`` are of all workers together."""

    def __init__(self) -> None:
        self.requests: Counter[RequestKey] = Counter()
        self.durations: dict[RouteKey, Histogram] = {}
        self.upstream: dict[str, Histogram] = {}
        self.rejections: Counter[str] = Counter()
        self.retries: Counter[str] = Counter()
        self.cpu_seconds = 0.0
        self.stale_serves = 0
        self.outcomes = Outcomes()

    def add(self, counted: Counted) -> None:
        """What one worker counted since it last told."""
        self.cpu_seconds += counted.cpu_seconds
        self.stale_serves += counted.stale_serves
        self.outcomes = self.outcomes.plus(counted.outcomes)
        counts = counted.counts
        if counts is None:
            return
        for key, count in counts.requests:
            self.requests[key] += count
        for route, histogram in counts.durations:
            self.durations.setdefault(route, empty_histogram()).add(histogram)
        for service, histogram in counts.upstream:
            self.upstream.setdefault(service, empty_histogram()).add(histogram)
        self.rejections.update(counts.rejections)
        self.retries.update(counts.retries)
