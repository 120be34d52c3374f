"""A resource: one bookable thing."""

from dataclasses import dataclass
from enum import StrEnum


class ResourceStatus(StrEnum):
    """Whether the resource can be booked. Decommissioned is final: it keeps its history and gives its name back."""

    ACTIVE = "active"
    DECOMMISSIONED = "decommissioned"


@dataclass(frozen=True, slots=True)
class Resource:
    """`created` is microseconds since 1970; `version` counts the changes, the first being 1."""

    id: str
    kind: str
    name: str
    status: ResourceStatus
    created: int
    version: int
