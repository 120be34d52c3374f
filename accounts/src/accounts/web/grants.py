"""`/v1/clients/{id}/grants`."""

from typing import Any

from flask import Blueprint, Response, request

from accounts.bootstrap.wiring import Services
from accounts.domain.grant import ClientGrant
from accounts.service import clients, grants
from accounts.service.keys import check_expiry
from accounts.service.snapshots import grant_snapshot
from accounts.web import schemas
from accounts.web.tools import build_grant, pager, writer
from servicekit.core.values import Position
from servicekit.web.answers import nothing, plain, respond
from servicekit.web.body import read_body, read_query
from servicekit.web.shapes import NoQuery


def build(services: Services) -> Blueprint:
    """The routes of grants."""
    routes = Blueprint("grants", __name__, url_prefix="/v1/clients/<ident>/grants")
    store, clock = services.store, services.clock
    writing, paging = writer(services), pager(services)

    @routes.post("")
    def create_grant(ident: str) -> Response:
        read_query(request, NoQuery)
        body, raw = read_body(request, schemas.GrantIn)
        grant = build_grant(body)

        def work(tx: Any) -> Any:
            now = clock()
            check_expiry(grant.expires_at, now)
            held = grants.create(tx, ident, grant, now)
            return plain(grant_snapshot(held), 201, {"Location": f"/v1/clients/{ident}/grants/{held.id}"})

        return writing.run(work, raw)

    @routes.get("")
    def list_grants(ident: str) -> Response:
        asked = read_query(request, schemas.PageQuery)
        position = paging.position(asked.cursor)
        after = "" if position is None else position.ident

        def work(tx: Any) -> Any:
            return tx.grants.page(clients.find(tx, ident).id, after, asked.limit + 1)

        return paging.page(store.read(work), asked.limit, grant_position, grant_snapshot)

    @routes.get("/<grant>")
    def get_grant(ident: str, grant: str) -> Response:
        read_query(request, NoQuery)
        return respond(plain(grant_snapshot(store.read(lambda tx: grants.find(tx, ident, grant)))))

    @routes.delete("/<grant>")
    def remove_grant(ident: str, grant: str) -> Response:
        read_query(request, NoQuery)

        def work(tx: Any) -> Any:
            grants.remove(tx, ident, grant)
            return nothing()

        return writing.run(work, None)

    return routes


def grant_position(held: ClientGrant) -> Position:
    """Where a grant stands in a list."""
    return Position(None, held.id)
