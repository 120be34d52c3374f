"""`/api/{kind}/{id}/allocations` and below, and batches at `/api/{kind}/allocations`."""

from typing import Any

from flask import Blueprint, Response, request

from invsys.bootstrap.wiring import Services
from invsys.domain.allocation import Allocation, AllocationStatus
from invsys.domain.errors import InventoryError
from invsys.domain.interval import ALWAYS, NEVER
from invsys.service import allocations, holds
from invsys.service.allocations import Address, AllocationDraft
from invsys.service.ports import AllocationQuery, Transaction
from invsys.service.snapshots import allocation_snapshot
from invsys.web import schemas
from invsys.web.problems import describe
from invsys.web.resources import PATCH_TYPES
from invsys.web.windows import query_window
from invsys.web.writing import build_pager, build_writer
from servicekit.core.idempotency import Answer
from servicekit.core.values import Position
from servicekit.web.answers import nothing, one, plain
from servicekit.web.body import read_body, read_nothing, read_query
from servicekit.web.conditions import expected, unless_known
from servicekit.web.pages import Pager
from servicekit.web.shapes import NoQuery

_INTERVAL_FIELDS = {"from_datetime", "to_datetime", "from_infinity", "to_infinity"}


# rooms: allow function-lines because the routes of one path are read together
def build(services: Services) -> Blueprint:
    """The routes of allocations."""
    routes = Blueprint("allocations", __name__, url_prefix="/api")
    store, clock, kinds = services.store, services.clock, services.kinds
    writer, pager = build_writer(services), build_pager(services)
    collection, item = "/<plural>/<ident>/allocations", "/<plural>/<ident>/allocations/<allocation_id>"

    @routes.post("/<plural>/allocations")
    def create_batch(plural: str) -> Response:
        kind = kinds.by_plural(plural)
        read_query(request, NoQuery)
        body, raw = read_body(request, schemas.BatchIn)
        items = [(item.resource_id, _draft(item, f"items/{index}/")) for index, item in enumerate(body.items)]

        def work(tx: Transaction) -> Answer:
            outcomes = allocations.create_batch(tx, kind, items, body.atomic, clock())
            return plain({"items": [_outcome(one) for one in outcomes]}, 201 if body.atomic else 200)

        return writer.run(work, raw, needs_key=services.settings.require_idempotency_key)

    @routes.post(collection)
    def create_allocation(plural: str, ident: str) -> Response:
        kind = kinds.by_plural(plural)
        read_query(request, NoQuery)
        body, raw = read_body(request, schemas.AllocationIn)
        draft = _draft(body)

        def work(tx: Transaction) -> Answer:
            made = allocations.create(tx, kind, ident, draft, clock())
            return one(allocation_snapshot(made), 201, f"/api/{plural}/{ident}/allocations/{made.id}")

        return writer.run(work, raw, needs_key=services.settings.require_idempotency_key)

    @routes.get(collection)
    def list_allocations(plural: str, ident: str) -> Response:
        kind = kinds.by_plural(plural)
        asked = read_query(request, schemas.AllocationQueryIn)
        query = allocation_query(ident, asked, pager)
        holds.settle_all(store, clock)
        rows = store.read(lambda tx: allocations.page(tx, kind, query))
        position = start_position if query.by_start else ident_position
        return pager.page(rows, asked.limit, position, allocation_snapshot)

    @routes.get(item)
    def get_allocation(plural: str, ident: str, allocation_id: str) -> Response:
        where = Address(kinds.by_plural(plural), ident, allocation_id)
        read_query(request, NoQuery)
        found = store.read(lambda tx: allocations.find(tx, where, clock()))
        return unless_known(request, one(allocation_snapshot(found)))

    @routes.patch(item)
    def patch_allocation(plural: str, ident: str, allocation_id: str) -> Response:
        where = Address(kinds.by_plural(plural), ident, allocation_id)
        read_query(request, NoQuery)
        condition = expected(request)
        body, raw = read_body(request, schemas.AllocationPatch, PATCH_TYPES)
        patch: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set - _INTERVAL_FIELDS}
        if body.model_fields_set & _INTERVAL_FIELDS:
            patch["interval"] = body.interval
        return writer.run(
            lambda tx: one(allocation_snapshot(allocations.change(tx, where, patch, condition, clock()))), raw
        )

    @routes.delete(item)
    def delete_allocation(plural: str, ident: str, allocation_id: str) -> Response:
        where = Address(kinds.by_plural(plural), ident, allocation_id)
        read_query(request, NoQuery)
        condition = expected(request)

        def work(tx: Transaction) -> Answer:
            allocations.cancel(tx, where, condition, clock())
            return nothing()

        return writer.run(work, None)

    @routes.post(f"{item}/confirm", defaults={"act": "confirm"})
    @routes.post(f"{item}/cancel", defaults={"act": "cancel"})
    def decide_allocation(plural: str, ident: str, allocation_id: str, act: str) -> Response:
        where = Address(kinds.by_plural(plural), ident, allocation_id)
        read_query(request, NoQuery)
        read_nothing(request)
        condition = expected(request, required=False)
        decide = allocations.confirm if act == "confirm" else allocations.cancel
        return writer.run(lambda tx: one(allocation_snapshot(decide(tx, where, condition, clock()))), None)

    return routes


def allocation_query(resource_id: str, asked: schemas.AllocationQueryIn, pager: Pager) -> AllocationQuery:
    """The query that the parameters ask for. Raises InvalidValueError and RefusalError."""
    window = query_window(asked.from_datetime, asked.to_datetime, ("from_datetime", "to_datetime"))
    return AllocationQuery(
        resource_id=resource_id,
        limit=asked.limit + 1,
        statuses=() if asked.status is None else (AllocationStatus(asked.status),),
        allocation_type=asked.allocation_type,
        window=None if (window.start, window.end) == (ALWAYS, NEVER) else window,
        by_start=asked.sort.endswith("from_datetime"),
        descending=asked.sort.startswith("-"),
        after=pager.position(asked.cursor),
    )


def start_position(allocation: Allocation) -> Position:
    """Where an allocation stands in a list by its start."""
    return Position(allocation.interval.start, allocation.id)


def ident_position(allocation: Allocation) -> Position:
    """Where an allocation stands in a list by creation."""
    return Position(None, allocation.id)


def _draft(body: schemas.AllocationIn, where: str = "") -> AllocationDraft:
    return AllocationDraft(
        interval=body.interval(where),
        allocation_type=body.allocation_type,
        quantity=body.quantity,
        hold_seconds=body.hold_seconds,
        description=body.description,
        dump=body.dump,
    )


def _outcome(outcome: Allocation | InventoryError) -> dict[str, Any]:
    if isinstance(outcome, Allocation):
        return {"status": 201, "allocation": allocation_snapshot(outcome)}
    body = describe(outcome)
    assert body is not None
    return {"status": body["status"], "problem": body}
