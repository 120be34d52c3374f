"""`/api/{kind}` and `/api/{kind}/{id}`."""

from typing import Any

from flask import Blueprint, Response, request

from invsys.bootstrap.wiring import Services
from invsys.domain.interval import ALWAYS, NEVER, format_instant
from invsys.domain.resource import Resource, ResourceStatus
from invsys.service import availability, holds, resources
from invsys.service.availability import Segment
from invsys.service.ports import ResourceQuery
from invsys.service.resources import ResourceDraft
from invsys.service.snapshots import resource_snapshot
from invsys.web import schemas
from invsys.web.windows import query_window
from invsys.web.writing import build_pager, build_writer
from servicekit.core.values import Position
from servicekit.web.answers import nothing, one, plain, respond
from servicekit.web.body import read_body, read_query
from servicekit.web.conditions import expected, unless_known
from servicekit.web.pages import Pager
from servicekit.web.shapes import NoQuery

PATCH_TYPES = ("application/merge-patch+json", "application/json")


# rooms: allow function-lines because the routes of one path are read together
def build(services: Services) -> Blueprint:
    """The routes of resources."""
    routes = Blueprint("resources", __name__, url_prefix="/api")
    store, clock, kinds = services.store, services.clock, services.kinds
    writer, pager = build_writer(services), build_pager(services)

    @routes.post("/<plural>")
    def create_resource(plural: str) -> Response:
        kind = kinds.by_plural(plural)
        read_query(request, NoQuery)
        body, raw = read_body(request, schemas.ResourceIn)
        draft = ResourceDraft(
            body.name, ResourceStatus(body.status), body.capacity, dict(body.attributes), dict(body.labels)
        )

        def work(tx: Any) -> Any:
            made = resources.create(tx, kind, draft, clock())
            return one(resource_snapshot(made), 201, f"/api/{plural}/{made.id}")

        return writer.run(work, raw)

    @routes.get("/<plural>")
    def list_resources(plural: str) -> Response:
        kind = kinds.by_plural(plural)
        asked = read_query(request, schemas.ResourceQueryIn)
        query = resource_query(kind.code, asked, pager)
        if query.free is not None:
            holds.settle_all(store, clock)
        rows = store.read(lambda tx: resources.page(tx, query))
        position = name_position if query.by_name else ident_position
        return pager.page(rows, asked.limit, position, resource_snapshot)

    @routes.get("/<plural>/<ident>")
    def get_resource(plural: str, ident: str) -> Response:
        kind = kinds.by_plural(plural)
        read_query(request, NoQuery)
        found = store.read(lambda tx: resources.find(tx, kind.code, ident))
        return unless_known(request, one(resource_snapshot(found)))

    @routes.get("/<plural>/<ident>/free-busy")
    def get_free_busy(plural: str, ident: str) -> Response:
        kind = kinds.by_plural(plural)
        asked = read_query(request, schemas.FreeBusyQuery)
        window = query_window(asked.from_datetime, asked.to_datetime, ("from_datetime", "to_datetime"))
        holds.settle_all(store, clock)
        found, segments, following = store.read(
            lambda tx: availability.free_busy(tx, kind.code, ident, window, asked.limit)
        )
        return respond(plain(_free_busy(found, list(segments), following)))

    @routes.patch("/<plural>/<ident>")
    def patch_resource(plural: str, ident: str) -> Response:
        kind = kinds.by_plural(plural)
        read_query(request, NoQuery)
        condition = expected(request)
        body, raw = read_body(request, schemas.ResourcePatch, PATCH_TYPES)
        patch = {name: getattr(body, name) for name in body.model_fields_set}
        if "status" in patch:
            patch["status"] = ResourceStatus(patch["status"])
        return writer.run(
            lambda tx: one(resource_snapshot(resources.change(tx, kind, ident, patch, condition, clock()))), raw
        )

    @routes.delete("/<plural>/<ident>")
    def delete_resource(plural: str, ident: str) -> Response:
        kind = kinds.by_plural(plural)
        asked = read_query(request, schemas.DeleteQuery)
        condition = expected(request)

        def work(tx: Any) -> Any:
            resources.decommission(tx, kind.code, ident, asked.cancel_allocations, condition, clock())
            return nothing()

        return writer.run(work, None)

    return routes


def resource_query(kind: str, asked: schemas.ResourceQueryIn, pager: Pager) -> ResourceQuery:
    """The query that the parameters ask for. Raises InvalidValueError and RefusalError."""
    is_free_asked = asked.free_from is not None or asked.free_to is not None
    return ResourceQuery(
        kind=kind,
        limit=asked.limit + 1,
        statuses=() if asked.status is None else (ResourceStatus(asked.status),),
        labels=asked.label,
        attributes=asked.attribute,
        name_prefix=asked.name_prefix or "",
        free=query_window(asked.free_from, asked.free_to, ("free_from", "free_to")) if is_free_asked else None,
        quantity=asked.quantity,
        by_name=asked.sort.endswith("name"),
        descending=asked.sort.startswith("-"),
        after=pager.position(asked.cursor),
    )


def name_position(resource: Resource) -> Position:
    """Where a resource stands in a list by name."""
    return Position(resource.name, resource.id)


def ident_position(resource: Resource) -> Position:
    """Where a resource stands in a list by creation."""
    return Position(None, resource.id)


def _free_busy(resource: Resource, segments: list[Segment], following: int | None) -> dict[str, Any]:
    return {
        "resource_id": resource.id,
        "capacity": resource.capacity,
        "segments": [
            {
                "from_datetime": None if segment.interval.start == ALWAYS else format_instant(segment.interval.start),
                "to_datetime": None if segment.interval.end == NEVER else format_instant(segment.interval.end),
                "used": segment.used,
                "free": resource.capacity - segment.used,
            }
            for segment in segments
        ],
        "next_from_datetime": None if following is None else format_instant(following),
    }
