"""`/v1/roles`."""

from typing import Any

from flask import Blueprint, Response, request

from accounts.bootstrap.wiring import Services
from accounts.domain.grant import Grant
from accounts.domain.role import Role
from accounts.service import roles
from accounts.service.snapshots import role_snapshot
from accounts.web import schemas
from accounts.web.tools import build_grant, pager, writer
from servicekit.core.values import Position
from servicekit.web.answers import nothing, one
from servicekit.web.body import read_body, read_query
from servicekit.web.conditions import expected, unless_known
from servicekit.web.openapi import MERGE
from servicekit.web.shapes import NoQuery


def build(services: Services) -> Blueprint:
    """The routes of roles."""
    routes = Blueprint("roles", __name__, url_prefix="/v1/roles")
    store, clock = services.store, services.clock
    writing, paging = writer(services), pager(services)

    @routes.post("")
    def create_role() -> Response:
        read_query(request, NoQuery)
        body, raw = read_body(request, schemas.RoleIn)
        grants = _grants(body.grants)

        def work(tx: Any) -> Any:
            return one(role_snapshot(roles.create(tx, body.name, grants, clock())), 201, f"/v1/roles/{body.name}")

        return writing.run(work, raw)

    @routes.get("")
    def list_roles() -> Response:
        asked = read_query(request, schemas.PageQuery)
        position = paging.position(asked.cursor)
        after = "" if position is None else position.ident
        found = store.read(lambda tx: tx.roles.page(after, asked.limit + 1))
        return paging.page(found, asked.limit, role_position, role_snapshot)

    @routes.get("/<name>")
    def get_role(name: str) -> Response:
        read_query(request, NoQuery)
        return unless_known(request, one(role_snapshot(store.read(lambda tx: roles.find(tx, name)))))

    @routes.patch("/<name>")
    def patch_role(name: str) -> Response:
        read_query(request, NoQuery)
        condition = expected(request)
        body, raw = read_body(request, schemas.RolePatch, MERGE)
        grants = _grants(body.grants)
        return writing.run(lambda tx: one(role_snapshot(roles.change(tx, name, grants, condition))), raw)

    @routes.delete("/<name>")
    def remove_role(name: str) -> Response:
        read_query(request, NoQuery)
        condition = expected(request)

        def work(tx: Any) -> Any:
            roles.remove(tx, name, condition)
            return nothing()

        return writing.run(work, None)

    return routes


def role_position(role: Role) -> Position:
    """Where a role stands in a list."""
    return Position(None, role.name)


def _grants(given: list[schemas.GrantIn]) -> tuple[Grant, ...]:
    return tuple(build_grant(one, f"grants/{index}/") for index, one in enumerate(given))
