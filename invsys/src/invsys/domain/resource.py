"""A resource: one bookable thing, or `capacity` of them that are as good as each other."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MAX_CAPACITY = 1_000_000


class ResourceStatus(StrEnum):
    """Active can be booked; maintenance takes only allocations of that type; decommissioned is final.

    A decommissioned resource keeps its history and gives its name back.
    """

    ACTIVE = "active"
    MAINTENANCE = "maintenance"
    DECOMMISSIONED = "decommissioned"


@dataclass(frozen=True, slots=True)
class Resource:
    """`created` is microseconds since 1970; `version` counts the changes, the first being 1.

    `attributes` describe the thing and follow the kind's schema; `labels` are free key=value pairs to search by.
    """

    id: str
    kind: str
    name: str
    created: int
    status: ResourceStatus = ResourceStatus.ACTIVE
    capacity: int = 1
    attributes: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    version: int = 1
