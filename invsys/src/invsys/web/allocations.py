"""`/api/{kind}/{id}/allocations` and `/api/{kind}/{id}/allocations/{allocation_id}`."""

from flask import Blueprint, Response, request

from invsys.bootstrap.wiring import Services
from invsys.service import allocations
from invsys.service.allocations import AllocationDraft
from invsys.web.answers import one, page
from invsys.web.body import read_body, read_query
from invsys.web.kinds import kind_of
from invsys.web.schemas import AllocationIn, NoQuery, PageQuery, allocation_out


def build(services: Services) -> Blueprint:
    """The routes of allocations."""
    routes = Blueprint("allocations", __name__, url_prefix="/api/<plural>/<ident>/allocations")
    store, clock = services.store, services.clock

    @routes.post("")
    def create_allocation(plural: str, ident: str) -> Response:
        kind = kind_of(services, plural)
        read_query(request, NoQuery)
        body = read_body(request, AllocationIn)
        draft = AllocationDraft(body.interval(), body.allocation_type, body.description, body.dump)
        created = store.write(lambda tx: allocations.create(tx, kind.code, ident, draft, clock()))
        return one(allocation_out(created), 201)

    @routes.get("")
    def list_allocations(plural: str, ident: str) -> Response:
        kind = kind_of(services, plural)
        query = read_query(request, PageQuery)
        rows = store.read(lambda tx: allocations.page(tx, kind.code, ident, query.cursor or "", query.limit + 1))
        return page([allocation_out(row) for row in rows], rows, query.limit)

    @routes.get("/<allocation_id>")
    def get_allocation(plural: str, ident: str, allocation_id: str) -> Response:
        kind = kind_of(services, plural)
        read_query(request, NoQuery)
        return one(allocation_out(store.read(lambda tx: allocations.find(tx, kind.code, ident, allocation_id))))

    @routes.delete("/<allocation_id>")
    def delete_allocation(plural: str, ident: str, allocation_id: str) -> Response:
        kind = kind_of(services, plural)
        read_query(request, NoQuery)
        store.write(lambda tx: allocations.cancel(tx, kind.code, ident, allocation_id))
        return Response(status=204)

    return routes
