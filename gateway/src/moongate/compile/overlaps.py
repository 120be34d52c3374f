"""Routes of which neither is more specific, though some request is accepted by both.

Comparing each pair of 10,000 routes would take minutes. So routes are put into buckets that cannot tie with each other:
by host, by the shape and literals of the path, by the values of its first choice, by the value of the first header or
parameter that all of the bucket ask for; only within a bucket are pairs compared.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, Final, TypeAlias

from moongate.routing.pattern import Kind

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from moongate.routing import Match

MAX_OVERLAPS: Final = 100
"""More are not looked for: they have one cause, and a person fixes it after the first few."""

Bucket: TypeAlias = "list[tuple[int, Match]]"


def find_overlaps(matches: Sequence[Match]) -> list[tuple[int, int]]:
    """Pairs of indices (earlier, later) into ``matches`` that tie, at most `MAX_OVERLAPS`."""
    found: set[tuple[int, int]] = set()
    for bucket in _buckets(matches):
        for (first, one), (second, other) in combinations(bucket, 2):
            if one.ties(other):
                found.add((first, second))
                if len(found) >= MAX_OVERLAPS:
                    return sorted(found)
    return sorted(found)


def _buckets(matches: Sequence[Match]) -> Iterator[Bucket]:
    by_shape: dict[Hashable, Bucket] = defaultdict(list)
    for index, match in enumerate(matches):
        for shape in _shapes(match):
            by_shape[shape].append((index, match))
    for bucket in by_shape.values():
        if len(bucket) > 1:
            yield from _by_common_condition(bucket)


def _shapes(match: Match) -> Iterator[Hashable]:
    """One for each host and each value of the path's first choice: two matches without a common shape cannot tie."""
    segments = match.path.segments
    literals = tuple(segment.values[0] if segment.kind is Kind.LITERAL else None for segment in segments)
    choice: Iterable[bytes | None] = next((each.values for each in segments if each.kind is Kind.CHOICE), (None,))
    for host in match.hosts or (None,):
        for value in choice:
            yield (host, match.order(None), literals, value)


def _by_common_condition(bucket: Bucket) -> Iterator[Bucket]:
    """Part a bucket by the value of a condition that all of it have."""
    demands = [
        {(each.place, each.name): each.value for each in match.conditions if each.value is not None}
        for _, match in bucket
    ]
    common = set(demands[0]).intersection(*demands[1:])
    if not common:
        yield bucket
        return
    key = min(common)
    parts: dict[bytes | None, Bucket] = defaultdict(list)
    for member, demand in zip(bucket, demands, strict=True):
        parts[demand[key]].append(member)
    yield from parts.values()
