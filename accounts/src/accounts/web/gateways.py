"""`/v1/gateways`."""

from typing import Any

from flask import Blueprint, Response, request

from accounts.bootstrap.wiring import Services
from accounts.service import gateways
from accounts.service.snapshots import gateway_snapshot
from accounts.web import schemas
from accounts.web.tools import new_credential, writer
from servicekit.web.answers import nothing, plain, respond
from servicekit.web.body import read_body, read_query
from servicekit.web.shapes import NoQuery


def build(services: Services) -> Blueprint:
    """The routes of gateways."""
    routes = Blueprint("gateways", __name__, url_prefix="/v1/gateways")
    store, clock, peppers = services.store, services.clock, services.peppers
    writing, needs_key = writer(services), services.settings.require_idempotency_key

    @routes.post("")
    def create_gateway() -> Response:
        read_query(request, NoQuery)
        body, raw = read_body(request, schemas.NameIn)
        pepper = peppers.current()

        def work(tx: Any) -> Any:
            made = gateways.create(tx, body.name, pepper, clock())
            location = f"/v1/gateways/{made.gateway.id}"
            return new_credential(gateway_snapshot(made.gateway), {"credential": made.text}, location)

        return writing.run(work, raw, needs_key)

    @routes.get("")
    def list_gateways() -> Response:
        read_query(request, NoQuery)
        found = store.read(lambda tx: tx.gateways.all())
        return respond(plain({"items": [gateway_snapshot(gateway) for gateway in found]}))

    @routes.get("/<ident>")
    def get_gateway(ident: str) -> Response:
        read_query(request, NoQuery)
        return respond(plain(gateway_snapshot(store.read(lambda tx: gateways.find(tx, ident)))))

    @routes.delete("/<ident>")
    def remove_gateway(ident: str) -> Response:
        read_query(request, NoQuery)

        def work(tx: Any) -> Any:
            gateways.remove(tx, ident)
            return nothing()

        return writing.run(work, None)

    return routes
