"""What a worker has counted since it last told, as it goes over the channel, and the bounds of the histograms."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

import msgspec

BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds, the upper ends of the histograms' buckets; one more bucket takes what lasts longer."""

METHODS: Final = {
    name.encode(): name for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "PROPFIND")
}
"""Methods that are told apart. A client may invent any number of others: those are all OTHER_METHOD."""

OTHER_METHOD: Final = "other"

RequestKey: TypeAlias = "tuple[str, str, str, int]"
"""Route, service, method and status. The first three are empty where there was none."""

RouteKey: TypeAlias = "tuple[str, str]"
"""Route and service."""


class Outcomes(NamedTuple):
    """How many requests were answered at all, with 4xx, and with 5xx."""

    requests: int = 0
    client_errors: int = 0
    server_errors: int = 0

    def since(self, before: Outcomes) -> Outcomes:
        return Outcomes(*(now - then for now, then in zip(self, before, strict=True)))

    def plus(self, others: Outcomes) -> Outcomes:
        return Outcomes(*(ours + theirs for ours, theirs in zip(self, others, strict=True)))


class Histogram(msgspec.Struct, array_like=True):
    """How many fell into each bucket, one more than BOUNDS, and the sum of all in seconds."""

    buckets: list[int]
    seconds: float = 0.0

    def add(self, other: Histogram) -> None:
        self.buckets = [ours + theirs for ours, theirs in zip(self.buckets, other.buckets, strict=True)]
        self.seconds += other.seconds


def empty_histogram() -> Histogram:
    return Histogram([0] * (len(BOUNDS) + 1))


class Counts(msgspec.Struct, array_like=True):
    """Ended exchanges; their durations by route and the upstream's share by service; refusals by code; retries by
    service."""

    requests: list[tuple[RequestKey, int]]
    durations: list[tuple[RouteKey, Histogram]]
    upstream: list[tuple[str, Histogram]]
    rejections: dict[str, int]
    retries: dict[str, int]
