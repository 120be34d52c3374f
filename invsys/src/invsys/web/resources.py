"""`/api/{kind}` and `/api/{kind}/{id}`."""

from flask import Blueprint, Response, request

from invsys.bootstrap.wiring import Services
from invsys.service import resources
from invsys.web.answers import one, page
from invsys.web.body import read_body, read_query
from invsys.web.kinds import kind_of
from invsys.web.schemas import NoQuery, PageQuery, ResourceIn, ResourcePatch, resource_out

PATCH_TYPES = ("application/merge-patch+json", "application/json")


def build(services: Services) -> Blueprint:
    """The routes of resources."""
    routes = Blueprint("resources", __name__, url_prefix="/api")
    store, clock = services.store, services.clock

    @routes.post("/<plural>")
    def create_resource(plural: str) -> Response:
        kind = kind_of(services, plural)
        read_query(request, NoQuery)
        body = read_body(request, ResourceIn)
        return one(resource_out(store.write(lambda tx: resources.create(tx, kind.code, body.name, clock()))), 201)

    @routes.get("/<plural>")
    def list_resources(plural: str) -> Response:
        kind = kind_of(services, plural)
        query = read_query(request, PageQuery)
        rows = store.read(lambda tx: resources.page(tx, kind.code, query.cursor or "", query.limit + 1))
        return page([resource_out(row) for row in rows], rows, query.limit)

    @routes.get("/<plural>/<ident>")
    def get_resource(plural: str, ident: str) -> Response:
        kind = kind_of(services, plural)
        read_query(request, NoQuery)
        return one(resource_out(store.read(lambda tx: resources.find(tx, kind.code, ident))))

    @routes.patch("/<plural>/<ident>")
    def patch_resource(plural: str, ident: str) -> Response:
        kind = kind_of(services, plural)
        read_query(request, NoQuery)
        body = read_body(request, ResourcePatch, PATCH_TYPES)
        if not body.model_fields_set:
            return one(resource_out(store.read(lambda tx: resources.find(tx, kind.code, ident))))
        return one(resource_out(store.write(lambda tx: resources.rename(tx, kind.code, ident, body.name))))

    @routes.delete("/<plural>/<ident>")
    def delete_resource(plural: str, ident: str) -> Response:
        kind = kind_of(services, plural)
        read_query(request, NoQuery)
        store.write(lambda tx: resources.decommission(tx, kind.code, ident))
        return Response(status=204)

    return routes
