"""`/v1/clients/{id}/oauth` and `/v1/clients/{id}/secrets`: what a client brings to the token endpoint."""

from typing import Any

from flask import Blueprint, Response, request

from accounts.bootstrap.wiring import Services
from accounts.service import clients, profiles
from accounts.service.profiles import profile_snapshot, secret_snapshot
from accounts.web import schemas
from accounts.web.tools import new_credential, writer
from servicekit.web.answers import nothing, one, plain, respond
from servicekit.web.body import read_body, read_query
from servicekit.web.conditions import expected, unless_known
from servicekit.web.openapi import MERGE
from servicekit.web.shapes import NoQuery


def build(services: Services) -> Blueprint:
    """The routes."""
    routes = Blueprint("client_oauth", __name__, url_prefix="/v1/clients")
    store, clock, peppers, jose = services.store, services.clock, services.peppers, services.oauth.jose
    writing, needs_key = writer(services), services.settings.require_idempotency_key

    @routes.get("/<ident>/oauth")
    def get_profile(ident: str) -> Response:
        read_query(request, NoQuery)
        return unless_known(request, one(profile_snapshot(store.read(lambda tx: profiles.find(tx, ident)))))

    @routes.patch("/<ident>/oauth")
    def patch_profile(ident: str) -> Response:
        read_query(request, NoQuery)
        condition = expected(request)
        body, raw = read_body(request, schemas.ProfilePatch, MERGE)
        patch: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
        if "scopes" in patch:
            patch["scopes"] = tuple(patch["scopes"])
        return writing.run(lambda tx: one(profile_snapshot(profiles.change(tx, ident, patch, condition, jose))), raw)

    @routes.post("/<ident>/secrets")
    def create_secret(ident: str) -> Response:
        read_query(request, NoQuery)
        body, raw = read_body(request, schemas.SecretIn)
        pepper = peppers.current()

        def work(tx: Any) -> Any:
            made = profiles.create_secret(tx, ident, body.expires, pepper, clock())  # type: ignore[arg-type]  # seconds
            location = f"/v1/clients/{ident}/secrets/{made.secret.id}"
            return new_credential(secret_snapshot(made.secret), {"client_secret": made.text}, location)

        return writing.run(work, raw, needs_key)

    @routes.get("/<ident>/secrets")
    def list_secrets(ident: str) -> Response:
        read_query(request, NoQuery)
        found = store.read(lambda tx: tx.oauth.secrets_of(clients.find(tx, ident).id))
        return respond(plain({"items": [secret_snapshot(secret) for secret in found]}))

    @routes.delete("/<ident>/secrets/<secret>")
    def remove_secret(ident: str, secret: str) -> Response:
        read_query(request, NoQuery)

        def work(tx: Any) -> Any:
            profiles.remove_secret(tx, ident, secret)
            return nothing()

        return writing.run(work, None)

    return routes
