"""`/v1/clients`."""

from typing import Any

from flask import Blueprint, Response, request

from accounts.bootstrap.wiring import Services
from accounts.domain.client import Client, ClientStatus, RevokedToken
from accounts.service import clients
from accounts.service.clients import ClientDraft
from accounts.service.ports import ClientQuery
from accounts.service.snapshots import client_snapshot
from accounts.web import schemas
from accounts.web.tools import pager, writer
from servicekit.core.values import Position
from servicekit.web.answers import nothing, one
from servicekit.web.body import read_body, read_nothing, read_query
from servicekit.web.conditions import expected, unless_known
from servicekit.web.openapi import MERGE
from servicekit.web.shapes import NoQuery


# rooms: allow function-lines because the routes of one path are read together
def build(services: Services) -> Blueprint:
    """The routes of clients."""
    routes = Blueprint("clients", __name__, url_prefix="/v1/clients")
    store, clock = services.store, services.clock
    writing, paging = writer(services), pager(services)

    @routes.post("")
    def create_client() -> Response:
        read_query(request, NoQuery)
        body, raw = read_body(request, schemas.ClientIn)
        draft = ClientDraft(body.name, body.plan, tuple(body.roles), dict(body.labels), tuple(body.certificates))

        def work(tx: Any) -> Any:
            made = clients.create(tx, draft, clock())
            return one(client_snapshot(made), 201, f"/v1/clients/{made.id}")

        return writing.run(work, raw)

    @routes.get("")
    def list_clients() -> Response:
        asked = read_query(request, schemas.ClientsQuery)
        status = None if asked.status is None else ClientStatus(asked.status)
        position = paging.position(asked.cursor)
        after = "" if position is None else position.ident
        query = ClientQuery(asked.limit + 1, status, asked.name_prefix or "", after)
        found = store.read(lambda tx: tx.clients.page(query))
        return paging.page(found, asked.limit, client_position, client_snapshot)

    @routes.get("/<ident>")
    def get_client(ident: str) -> Response:
        read_query(request, NoQuery)
        found = store.read(lambda tx: clients.find(tx, ident))
        return unless_known(request, one(client_snapshot(found)))

    @routes.patch("/<ident>")
    def patch_client(ident: str) -> Response:
        read_query(request, NoQuery)
        condition = expected(request)
        body, raw = read_body(request, schemas.ClientPatch, MERGE)
        patch = _patch(body)
        return writing.run(lambda tx: one(client_snapshot(clients.change(tx, ident, patch, condition))), raw)

    @routes.delete("/<ident>")
    def close_client(ident: str) -> Response:
        read_query(request, NoQuery)
        condition = expected(request)

        def work(tx: Any) -> Any:
            clients.close(tx, ident, condition, clock())
            return nothing()

        return writing.run(work, None)

    @routes.post("/<ident>/revoke-tokens")
    def revoke_tokens(ident: str) -> Response:
        read_query(request, NoQuery)
        read_nothing(request)
        return writing.run(lambda tx: one(client_snapshot(clients.revoke_tokens(tx, ident, clock()))), None)

    @routes.post("/<ident>/revoked-tokens")
    def revoke_token(ident: str) -> Response:
        read_query(request, NoQuery)
        body, raw = read_body(request, schemas.RevokedTokenIn)

        def work(tx: Any) -> Any:
            clients.revoke_token(tx, ident, RevokedToken(body.jti, body.exp), clock())
            return nothing()

        return writing.run(work, raw)

    return routes


def client_position(client: Client) -> Position:
    """Where a client stands in a list."""
    return Position(None, client.id)


def _patch(body: schemas.ClientPatch) -> dict[str, Any]:
    patch = {name: getattr(body, name) for name in body.model_fields_set}
    if "status" in patch:
        patch["status"] = ClientStatus(patch["status"])
    for name in ("roles", "certificates"):
        if name in patch:
            patch[name] = tuple(patch[name])
    return patch
