"""An allocation: a resource taken for an interval."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from invsys.domain.interval import Interval


class AllocationStatus(StrEnum):
    """Only live allocations take room; a cancelled one is history."""

    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Allocation:
    """`dump` is any JSON value the caller wants back; `created` is microseconds since 1970."""

    id: str
    resource_id: str
    resource_kind: str
    interval: Interval
    allocation_type: str
    status: AllocationStatus
    description: str | None
    dump: Any
    created: int
    version: int
