"""What can be asked, as a table: the API description and the documentation page are made from it."""

from dataclasses import dataclass

from pydantic import BaseModel

from invsys.web import schemas

MERGE = ("application/merge-patch+json", "application/json")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `answer` is the model of a success, `paged` when it comes in lists.

    `key` and `match` say whether `Idempotency-Key` and `If-Match` are understood, and required.
    """

    method: str
    path: str
    name: str
    summary: str
    status: int = 200
    answer: type[BaseModel] | None = None
    paged: bool = False
    body: type[BaseModel] | None = None
    media_types: tuple[str, ...] = ("application/json",)
    query: type[BaseModel] | None = None
    key: bool | None = None
    match: bool | None = None


KIND = "/api/{kind}"
ONE = "/api/{kind}/{id}"
MANY = "/api/{kind}/{id}/allocations"
ALLOCATION = "/api/{kind}/{id}/allocations/{allocation_id}"

OPERATIONS = (
    Operation("get", "/api/kinds", "list_kinds", "The kinds of resource there are", answer=schemas.KindsOut),
    Operation(
        "get",
        "/api/events",
        "list_events",
        "What changed, in the order of commits, without gaps",
        answer=schemas.EventsOut,
        query=schemas.EventsQuery,
    ),
    Operation(
        "post",
        KIND,
        "create_resource",
        "Add a resource",
        status=201,
        answer=schemas.ResourceOut,
        body=schemas.ResourceIn,
        key=False,
    ),
    Operation(
        "get",
        KIND,
        "list_resources",
        "Find resources, also those free over an interval",
        answer=schemas.ResourceOut,
        paged=True,
        query=schemas.ResourceQueryIn,
    ),
    Operation("get", ONE, "get_resource", "Read a resource", answer=schemas.ResourceOut),
    Operation(
        "patch",
        ONE,
        "patch_resource",
        "Change a resource",
        answer=schemas.ResourceOut,
        body=schemas.ResourcePatch,
        media_types=MERGE,
        key=False,
        match=True,
    ),
    Operation(
        "delete",
        ONE,
        "delete_resource",
        "Decommission a resource",
        status=204,
        query=schemas.DeleteQuery,
        key=False,
        match=True,
    ),
    Operation(
        "get",
        ONE + "/free-busy",
        "get_free_busy",
        "How much of a resource is free when",
        answer=schemas.FreeBusyOut,
        query=schemas.FreeBusyQuery,
    ),
    Operation(
        "post",
        KIND + "/allocations",
        "create_batch",
        "Allocate several resources at once, all or none by default",
        status=201,
        answer=schemas.BatchOut,
        body=schemas.BatchIn,
        key=True,
    ),
    Operation(
        "post",
        MANY,
        "create_allocation",
        "Allocate, or hold, a resource for an interval",
        status=201,
        answer=schemas.AllocationOut,
        body=schemas.AllocationIn,
        key=True,
    ),
    Operation(
        "get",
        MANY,
        "list_allocations",
        "The allocations of a resource",
        answer=schemas.AllocationOut,
        paged=True,
        query=schemas.AllocationQueryIn,
    ),
    Operation("get", ALLOCATION, "get_allocation", "Read an allocation", answer=schemas.AllocationOut),
    Operation(
        "patch",
        ALLOCATION,
        "patch_allocation",
        "Move, extend or describe an allocation",
        answer=schemas.AllocationOut,
        body=schemas.AllocationPatch,
        media_types=MERGE,
        key=False,
        match=True,
    ),
    Operation("delete", ALLOCATION, "delete_allocation", "Cancel an allocation", status=204, key=False, match=True),
    Operation(
        "post",
        ALLOCATION + "/confirm",
        "confirm_allocation",
        "Make a hold final",
        answer=schemas.AllocationOut,
        key=False,
        match=False,
    ),
    Operation(
        "post",
        ALLOCATION + "/cancel",
        "cancel_allocation",
        "Give the interval back",
        answer=schemas.AllocationOut,
        key=False,
        match=False,
    ),
)
