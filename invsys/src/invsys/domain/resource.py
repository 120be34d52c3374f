"""A resource: one bookable thing, or `capacity` of them that are as good as each other."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MAX_CAPACITY = 1_000_000
MAX_ATTRIBUTES = 100
MAX_LABELS = 64
MAX_SEARCHED = 200
"""Characters of a label's value, and of a value that a search asks for."""
MAX_FREE_JSON = 65_536
"""Characters of all attributes of a resource, or of an allocation's `dump`, as JSON: a page of 500 fits in memory."""


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
