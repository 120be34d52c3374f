"""The shapes of requests and answers. They validate, and the API description is generated from them."""

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints, WithJsonSchema

from invsys.domain import names
from invsys.domain.errors import InvalidValueError
from invsys.domain.ids import ID_PATTERN
from invsys.domain.interval import ALWAYS, INSTANT_PATTERN, NEVER, Interval, parse_instant
from invsys.domain.resource import MAX_ATTRIBUTES, MAX_CAPACITY, MAX_FREE_JSON, MAX_LABELS, MAX_SEARCHED
from servicekit.web.shapes import MAX_PAGE, MAX_WAIT_S, ONE_LINE, Closed, Cursor, Limit, Spelled
from servicekit.web.shapes import ProblemOut as BaseProblemOut

MAX_BATCH = 500
MAX_HOLD_S = 30 * 24 * 3600
MAX_SEQ = 2**62
WORD_RULE = "must be lower-case letters, digits, hyphens and underscores, beginning with a letter or digit"
FACET_RULE = "must be A-Z a-z 0-9 . _ / - beginning with a letter or digit"


def _instant(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("must be a string with an RFC 3339 date-time such as 2026-11-23T09:30:00Z")
    return parse_instant(value)


def _bounded(value: object) -> object:
    if len(json.dumps(value)) > MAX_FREE_JSON:
        raise ValueError(f"must be at most {MAX_FREE_JSON} characters of JSON")
    return value


# An instant is microseconds inside and RFC 3339 outside.
Instant = Annotated[
    int,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": INSTANT_PATTERN}),
]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=names.MAX_NAME),
    Spelled(names.NAME_PATTERN, names.NAME_RULE),
    AfterValidator(names.normal),
]
Word = Annotated[str, StringConstraints(min_length=1, max_length=64), Spelled(r"^[a-z0-9][a-z0-9_-]*$", WORD_RULE)]
Ident = Annotated[str, Spelled(ID_PATTERN, "must be an id as the API tells it")]
FacetKey = Annotated[str, StringConstraints(max_length=63), Spelled(r"^[A-Za-z0-9][A-Za-z0-9._/-]*$", FACET_RULE)]
FacetValue = Annotated[str, StringConstraints(min_length=1, max_length=MAX_SEARCHED), ONE_LINE]
KindCode = Annotated[
    str, StringConstraints(max_length=63), Spelled(r"^[a-z][a-z0-9-]*$", "must be the code of a kind: car")
]
Description = Annotated[str, StringConstraints(max_length=2000)]
Quantity = Annotated[int, Field(ge=1, le=MAX_CAPACITY)]
HoldSeconds = Annotated[int, Field(ge=1, le=MAX_HOLD_S)]
Attributes = Annotated[dict[FacetKey, Any], Field(max_length=MAX_ATTRIBUTES)]
Labels = Annotated[dict[FacetKey, FacetValue], Field(max_length=MAX_LABELS)]
Dump = Annotated[Any, AfterValidator(_bounded)]
DateTimeOut = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
ResourceState = Literal["active", "maintenance", "decommissioned"]
AllocationState = Literal["held", "confirmed", "cancelled", "expired"]


class ResourceIn(Closed):
    """A new resource."""

    name: Name
    status: Literal["active", "maintenance"] = "active"
    capacity: Quantity = 1
    attributes: Attributes = Field(default={}, description="what it is like; follows the kind's attributes_schema")
    labels: Labels = Field(default={}, description="free key=value pairs to search by")


class ResourcePatch(Closed):
    """Changes to a resource (merge patch, RFC 7396): what is absent stays; a null inside removes that member."""

    name: Name = ""
    status: Literal["active", "maintenance"] = "active"
    capacity: Quantity = 1
    attributes: Attributes = Field(default={})
    labels: Annotated[dict[FacetKey, FacetValue | None], Field(max_length=MAX_LABELS)] = Field(default={})


class ResourceOut(BaseModel):
    """A resource."""

    id: Ident
    resource_type: str
    name: str
    status: ResourceState
    capacity: int
    attributes: dict[str, Any]
    labels: dict[str, str]
    created: DateTimeOut
    version: int


class AllocationIn(Closed):
    """A new allocation. Each end is either a time or, by its flag, infinite."""

    from_datetime: Instant | None = None
    to_datetime: Instant | None = None
    from_infinity: bool = False
    to_infinity: bool = False
    quantity: Quantity = 1
    allocation_type: Word
    hold_seconds: HoldSeconds | None = Field(default=None, description="makes a hold, which lapses after them")
    description: Description | None = None
    dump: Dump = Field(default=None, description="any JSON value; comes back as it was sent")

    def interval(self, where: str = "") -> Interval:
        """Raises InvalidValueError for an end with no bound or two, and for an empty or reversed interval."""
        start = _bound(f"{where}from", self.from_datetime, self.from_infinity, ALWAYS)
        end = _bound(f"{where}to", self.to_datetime, self.to_infinity, NEVER)
        try:
            return Interval(start, end)
        except InvalidValueError as error:
            raise InvalidValueError(f"{where}{error.field}", error.code, error.detail) from None


class AllocationPatch(Closed):
    """Changes to an allocation (merge patch): what is absent stays. A time for an end that was infinite bounds it."""

    from_datetime: Instant | None = None
    to_datetime: Instant | None = None
    from_infinity: bool = False
    to_infinity: bool = False
    quantity: Quantity = 1
    allocation_type: Word = ""
    hold_seconds: HoldSeconds = Field(default=1, description="how long from now a hold still stands")
    description: Description | None = None
    dump: Dump = None

    def interval(self, now: Interval) -> Interval:
        """The interval after the patch of an allocation that has `now`. Raises InvalidValueError."""
        start = self._end("from", self.from_datetime, self.from_infinity, (now.start, ALWAYS))
        return Interval(start, self._end("to", self.to_datetime, self.to_infinity, (now.end, NEVER)))

    def _end(self, end: str, time: int | None, infinite: bool, known: tuple[int, int]) -> int:
        sent = self.model_fields_set & {f"{end}_datetime", f"{end}_infinity"}
        current, infinity = known
        if not sent:
            return current
        if sent == {f"{end}_infinity"} and not infinite and current != infinity:
            return current
        return _bound(end, time, infinite, infinity)


class BatchItem(AllocationIn):
    """One allocation of a batch."""

    resource_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class BatchIn(Closed):
    """Several allocations at once: all or none, unless `atomic` is false."""

    atomic: bool = True
    items: Annotated[list[BatchItem], Field(min_length=1, max_length=MAX_BATCH)]


class AllocationOut(BaseModel):
    """An allocation."""

    id: Ident
    resource_id: Ident
    resource_type: str
    from_datetime: DateTimeOut | None
    to_datetime: DateTimeOut | None
    from_infinity: bool
    to_infinity: bool
    quantity: int
    allocation_type: str
    status: AllocationState
    hold_expires_at: DateTimeOut | None
    description: str | None
    dump: Any
    created: DateTimeOut
    version: int


class BatchItemOut(BaseModel):
    """What became of one item: 201 with the allocation, or a problem."""

    status: int
    allocation: AllocationOut | None = None
    problem: "ProblemOut | None" = None


class BatchOut(BaseModel):
    """What became of the items, in their order."""

    items: list[BatchItemOut]


class DeleteQuery(Closed):
    """What to do with allocations that have not ended."""

    cancel_allocations: bool = False


class ResourceQueryIn(Closed):
    """Which resources. `free_from` and `free_to` keep those with room all through; one alone leaves the other open."""

    limit: Limit = 50
    cursor: Cursor | None = None
    sort: Literal["created", "-created", "name", "-name"] = "created"
    status: ResourceState | None = None
    name_prefix: Annotated[str, StringConstraints(max_length=200), ONE_LINE] | None = None
    free_from: Instant | None = None
    free_to: Instant | None = None
    quantity: Quantity = 1
    label: dict[FacetKey, FacetValue] = Field(default={})
    attribute: dict[FacetKey, FacetValue] = Field(default={})


class AllocationQueryIn(Closed):
    """Which allocations; the live ones unless a status is asked for. The times keep those that overlap the window."""

    limit: Limit = 50
    cursor: Cursor | None = None
    sort: Literal["created", "-created", "from_datetime", "-from_datetime"] = "created"
    status: AllocationState | None = None
    allocation_type: Word | None = None
    from_datetime: Instant | None = None
    to_datetime: Instant | None = None


class FreeBusyQuery(Closed):
    """The window; an absent end leaves it open."""

    from_datetime: Instant | None = None
    to_datetime: Instant | None = None
    limit: Limit = MAX_PAGE


class SegmentOut(BaseModel):
    """A time during which use is constant; a null end is infinite."""

    from_datetime: DateTimeOut | None
    to_datetime: DateTimeOut | None
    used: int
    free: int


class FreeBusyOut(BaseModel):
    """How much is free when. `next_from_datetime` is where to ask on when the window had more segments."""

    resource_id: Ident
    capacity: int
    segments: list[SegmentOut]
    next_from_datetime: DateTimeOut | None


class EventsQuery(Closed):
    """Changes after a number; `wait` seconds for one when there is none yet."""

    after: Annotated[int, Field(ge=0, le=MAX_SEQ)] = 0
    limit: Limit = 100
    wait: Annotated[int, Field(ge=0, le=MAX_WAIT_S)] = 0
    resource_id: Ident | None = None
    kind: KindCode | None = None


class EventOut(BaseModel):
    """One change."""

    seq: int
    type: str
    occurred_at: DateTimeOut
    resource_type: str
    resource_id: Ident
    allocation_id: Ident | None
    before: dict[str, Any] | None
    after: dict[str, Any]
    request_id: str
    actor: str


class EventsOut(BaseModel):
    """Changes in the order of their commits; ask next with `after` set to `next_after`."""

    events: list[EventOut]
    next_after: int


class KindOut(BaseModel):
    """A kind of resource. Allocations of an interval kind lie on the grid `anchor + n * slot_seconds`."""

    code: str
    plural: str
    mode: Literal["continuous", "interval"]
    slot_seconds: float | None
    anchor: DateTimeOut | None
    attributes_schema: dict[str, Any] | None


class KindsOut(BaseModel):
    """The kinds there are."""

    items: list[KindOut]


class ProblemOut(BaseProblemOut):
    """RFC 9457, with a `code` that programs can rely on."""

    conflicting_allocation: AllocationOut | None = None


def _bound(end: str, time: int | None, infinite: bool, infinity: int) -> int:
    if time is None and not infinite:
        raise InvalidValueError(f"{end}_datetime", "missing", "give a time, or set the infinity flag of this end")
    if time is not None and infinite:
        raise InvalidValueError(f"{end}_infinity", "contradiction", f"contradicts {end}_datetime: give one of the two")
    return infinity if time is None else time
