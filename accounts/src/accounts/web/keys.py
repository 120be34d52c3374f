"""`/v1/clients/{id}/keys`."""

from typing import Any

from flask import Blueprint, Response, request

from accounts.bootstrap.wiring import Services
from accounts.domain.key import ApiKey
from accounts.service import clients, keys
from accounts.service.keys import KeyDraft, NewKey
from accounts.service.snapshots import key_snapshot
from accounts.web import schemas
from accounts.web.tools import new_credential, pager, writer
from servicekit.core.idempotency import Answer
from servicekit.core.values import Position
from servicekit.web.answers import nothing, one, respond
from servicekit.web.body import read_body, read_query
from servicekit.web.conditions import expected
from servicekit.web.openapi import MERGE
from servicekit.web.shapes import NoQuery


def build(services: Services) -> Blueprint:
    """The routes of keys."""
    routes = Blueprint("keys", __name__, url_prefix="/v1/clients/<ident>/keys")
    store, clock, peppers = services.store, services.clock, services.peppers
    needs_key = services.settings.require_idempotency_key
    writing, paging = writer(services), pager(services)

    @routes.post("")
    def create_key(ident: str) -> Response:
        read_query(request, NoQuery)
        body, raw = read_body(request, schemas.KeyIn)
        draft = KeyDraft(body.name, body.env, tuple(body.scopes), body.expires)  # type: ignore[arg-type]
        pepper = peppers.current()
        return writing.run(lambda tx: _new(keys.create(tx, ident, draft, pepper, clock())), raw, needs_key)

    @routes.get("")
    def list_keys(ident: str) -> Response:
        asked = read_query(request, schemas.PageQuery)
        position = paging.position(asked.cursor)

        def work(tx: Any) -> Any:
            return tx.keys.page(clients.find(tx, ident).id, position, asked.limit + 1)

        return paging.page(store.read(work), asked.limit, key_position, key_snapshot)

    @routes.get("/<key>")
    def get_key(ident: str, key: str) -> Response:
        read_query(request, NoQuery)
        # Whole each time: a key that was used is the same version, whose ETag is for If-Match, and another answer.
        return respond(one(key_snapshot(store.read(lambda tx: keys.find(tx, (ident, key))))))

    @routes.patch("/<key>")
    def patch_key(ident: str, key: str) -> Response:
        read_query(request, NoQuery)
        condition = expected(request)
        body, raw = read_body(request, schemas.KeyPatch, MERGE)
        patch = {name: getattr(body, name) for name in body.model_fields_set}
        if "scopes" in patch:
            patch["scopes"] = tuple(patch["scopes"])
        if "expires" in patch:
            patch["expires_at"] = patch.pop("expires")
        return writing.run(lambda tx: one(key_snapshot(keys.change(tx, (ident, key), patch, condition, clock()))), raw)

    @routes.delete("/<key>")
    def revoke_key(ident: str, key: str) -> Response:
        read_query(request, NoQuery)
        condition = expected(request)

        def work(tx: Any) -> Any:
            keys.revoke(tx, (ident, key), condition, clock())
            return nothing()

        return writing.run(work, None)

    @routes.post("/<key>/rotate")
    def rotate_key(ident: str, key: str) -> Response:
        read_query(request, NoQuery)
        body, raw = read_body(request, schemas.RotateIn)
        pepper, overlap = peppers.current(), body.overlap_seconds
        return writing.run(lambda tx: _new(keys.rotate(tx, (ident, key), overlap, pepper, clock())), raw, needs_key)

    return routes


def key_position(key: ApiKey) -> Position:
    """Where a key stands in a list."""
    return Position(key.created_at, key.id)


def _new(made: NewKey) -> Answer:
    location = f"/v1/clients/{made.key.client_id}/keys/{made.key.id}"
    return new_credential(key_snapshot(made.key), {"key": made.text}, location)
