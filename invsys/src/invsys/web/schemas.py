"""The shapes of requests and answers. They validate, and the API description is generated from them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from invsys.domain.allocation import Allocation
from invsys.domain.errors import InvalidValueError
from invsys.domain.ids import ID_PATTERN
from invsys.domain.interval import ALWAYS, INSTANT_PATTERN, NEVER, Interval, format_instant, parse_instant
from invsys.domain.resource import Resource

MAX_PAGE = 500


class Closed(BaseModel):
    """Unknown members are refused, and nothing is converted: `"1"` is no number."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _instant(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("must be a string with an RFC 3339 date-time such as 2026-11-23T09:30:00Z")
    return parse_instant(value)


# An instant is microseconds inside and RFC 3339 outside.
Instant = Annotated[
    int,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": INSTANT_PATTERN}),
]
# No control characters: a name is shown on one line, in lists, logs and pages.
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Ident = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
DateTimeOut = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


class ResourceIn(Closed):
    """A new resource."""

    name: Name


class ResourcePatch(Closed):
    """Changes to a resource (merge patch): what is absent stays."""

    name: Name = ""


class ResourceOut(BaseModel):
    """A resource."""

    id: Ident
    resource_type: str
    name: str
    status: Literal["active", "decommissioned"]
    created: DateTimeOut
    version: int


class AllocationIn(Closed):
    """A new allocation. Each end is either a time or, by its flag, infinite."""

    from_datetime: Instant | None = None
    to_datetime: Instant | None = None
    from_infinity: bool = False
    to_infinity: bool = False
    allocation_type: Word
    description: Annotated[str, StringConstraints(max_length=2000)] | None = None
    dump: Any = Field(default=None, description="any JSON value; comes back as it was sent")

    def interval(self) -> Interval:
        """Raises InvalidValueError for an end with no bound or two, and for an empty or reversed interval."""
        start = _bound("from", self.from_datetime, self.from_infinity, ALWAYS)
        return Interval(start, _bound("to", self.to_datetime, self.to_infinity, NEVER))


def _bound(end: str, time: int | None, infinite: bool, infinity: int) -> int:
    if time is None and not infinite:
        raise InvalidValueError(f"{end}_datetime", "missing", f"give a time, or {end}_infinity true")
    if time is not None and infinite:
        raise InvalidValueError(f"{end}_infinity", "contradiction", f"contradicts {end}_datetime: give one of the two")
    return infinity if time is None else time


class AllocationOut(BaseModel):
    """An allocation."""

    id: Ident
    resource_id: Ident
    resource_type: str
    from_datetime: DateTimeOut | None
    to_datetime: DateTimeOut | None
    from_infinity: bool
    to_infinity: bool
    allocation_type: str
    status: Literal["confirmed", "cancelled"]
    description: str | None
    dump: Any
    created: DateTimeOut
    version: int


class PageQuery(Closed):
    """Where to go on in a list, and how far."""

    limit: int = Field(default=50, ge=1, le=MAX_PAGE)
    cursor: Ident | None = None


class NoQuery(Closed):
    """No parameter is known here."""


class ProblemOut(BaseModel):
    """RFC 9457, with a `code` that programs can rely on."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[dict[str, str]] | None = None
    conflicting_allocation: AllocationOut | None = None


def resource_out(resource: Resource) -> dict[str, Any]:
    """`ResourceOut` as a dictionary."""
    return {
        "id": resource.id,
        "resource_type": resource.kind,
        "name": resource.name,
        "status": resource.status.value,
        "created": format_instant(resource.created),
        "version": resource.version,
    }


def allocation_out(allocation: Allocation) -> dict[str, Any]:
    """`AllocationOut` as a dictionary."""
    start, end = allocation.interval.start, allocation.interval.end
    return {
        "id": allocation.id,
        "resource_id": allocation.resource_id,
        "resource_type": allocation.resource_kind,
        "from_datetime": None if start == ALWAYS else format_instant(start),
        "to_datetime": None if end == NEVER else format_instant(end),
        "from_infinity": start == ALWAYS,
        "to_infinity": end == NEVER,
        "allocation_type": allocation.allocation_type,
        "status": allocation.status.value,
        "description": allocation.description,
        "dump": allocation.dump,
        "created": format_instant(allocation.created),
        "version": allocation.version,
    }
