"""`/api/kinds`."""

from typing import Any

from flask import Blueprint, Response, request

from invsys.bootstrap.wiring import Services
from invsys.domain.interval import format_instant
from invsys.domain.kind import Kind
from servicekit.web.answers import plain, respond
from servicekit.web.body import read_query
from servicekit.web.shapes import NoQuery


def build(services: Services) -> Blueprint:
    """The route of kinds."""
    routes = Blueprint("kinds", __name__, url_prefix="/api/kinds")

    @routes.get("")
    def list_kinds() -> Response:
        read_query(request, NoQuery)
        return respond(plain({"items": [kind_snapshot(kind) for kind in services.kinds.all()]}))

    return routes


def kind_snapshot(kind: Kind) -> dict[str, Any]:
    """A kind as a JSON object."""
    return {
        "code": kind.code,
        "plural": kind.plural,
        "mode": kind.mode.value,
        "slot_seconds": None if kind.slot is None else kind.slot / 1_000_000,
        "anchor": None if kind.slot is None else format_instant(kind.anchor),
        "attributes_schema": kind.attributes_schema,
    }
