"""How much of a resource is free when."""

from collections.abc import Sequence
from dataclasses import dataclass

from invsys.domain.interval import Interval
from invsys.domain.resource import Resource
from invsys.service import resources
from invsys.service.ports import Transaction


@dataclass(frozen=True, slots=True)
class Segment:
    """During `interval`, `used` of the resource is taken all the time."""

    interval: Interval
    used: int


def free_busy(
    tx: Transaction, kind: str, ident: str, window: Interval, limit: int
) -> tuple[Resource, Sequence[Segment], int | None]:
    """The window cut into at most `limit` segments of constant use, and where to go on, None when that was all.

    Lapsed holds must have been settled. Raises NotFoundError.
    """
    resource = resources.find(tx, kind, ident)
    steps = [(step.at, step.level) for step in tx.occupancy.steps(resource.id, window, limit + 1)]
    if not steps or steps[0][0] > window.start:
        steps.insert(0, (window.start, 0))
    ends = [at for at, _ in steps[1:]] + [window.end]
    segments = [Segment(Interval(at, end), used) for (at, used), end in zip(steps, ends, strict=True)]
    if len(segments) <= limit:
        return resource, segments, None
    return resource, segments[:limit], segments[limit].interval.start
