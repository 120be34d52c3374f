"""An allocation: `quantity` of a resource taken for an interval."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from invsys.domain.interval import Interval

MAINTENANCE = "maintenance"
"""The type of allocation that a resource in maintenance still takes."""


class AllocationStatus(StrEnum):
    """Held and confirmed are live: they take room. A hold lapses at its expiry, by itself."""

    HELD = "held"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def is_live(self) -> bool:
        """Whether it takes room."""
        return self in (AllocationStatus.HELD, AllocationStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Allocation:
    """`dump` is any JSON value the caller wants back; `created` and `hold_expires` are microseconds since 1970."""

    id: str
    resource_id: str
    resource_kind: str
    interval: Interval
    quantity: int
    allocation_type: str
    status: AllocationStatus
    hold_expires: int | None
    description: str | None
    dump: Any
    created: int
    version: int = 1
