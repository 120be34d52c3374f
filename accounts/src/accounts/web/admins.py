"""`/v1/admins` and `/v1/sign-in`."""

import hmac
from typing import Any

from flask import Blueprint, Response, g, request

from accounts.bootstrap.wiring import Services
from accounts.domain.errors import NotAuthenticatedError
from accounts.service import admins
from accounts.service.admins import NewToken, TokenDraft
from accounts.service.ports import Peppers
from accounts.service.snapshots import admin_snapshot, token_snapshot
from accounts.web import schemas
from accounts.web.attempts import Attempts
from accounts.web.tools import new_credential, writer
from servicekit.core.idempotency import Answer
from servicekit.core.values import Origin
from servicekit.web.answers import nothing, one, plain, respond
from servicekit.web.body import read_body, read_query
from servicekit.web.conditions import unless_known
from servicekit.web.shapes import NoQuery


# rooms: allow function-lines because the routes of one path are read together
def build(services: Services, attempts: Attempts) -> Blueprint:
    """The routes of admins."""
    routes = Blueprint("admins", __name__, url_prefix="/v1")
    store, clock, peppers, passwords = services.store, services.clock, services.peppers, services.passwords
    writing, needs_key = writer(services), services.settings.require_idempotency_key

    @routes.post("/sign-in")
    def sign_in() -> Response:
        read_query(request, NoQuery)
        body, _ = read_body(request, schemas.SignInIn)
        attempts.check(body.name)
        admin = store.read(lambda tx: tx.admins.by_name(body.name))
        if not admins.is_password_of(admin, body.password, passwords) or admin is None:
            attempts.failed(body.name)
            raise NotAuthenticatedError
        attempts.succeeded(body.name)
        pepper, now, origin = peppers.current(), clock(), Origin(g.request_id, f"admin:{admin.name}")
        made = store.write(lambda tx: admins.create_token(tx, admin.id, admins.session(now), pepper, now), origin)
        return respond(_new_token(made))

    @routes.post("/admins")
    def create_admin() -> Response:
        read_query(request, NoQuery)
        body, raw = read_body(request, schemas.AdminIn)
        kept = None if body.password is None else admins.hash_password(passwords, body.password)

        def work(tx: Any) -> Any:
            made = admins.create(tx, body.name, kept, clock())
            return one(admin_snapshot(made), 201, f"/v1/admins/{made.id}")

        return writing.run(work, told_apart(raw, peppers))

    @routes.get("/admins")
    def list_admins() -> Response:
        read_query(request, NoQuery)
        found = store.read(lambda tx: tx.admins.all())
        return respond(plain({"items": [admin_snapshot(admin) for admin in found]}))

    @routes.get("/admins/<ident>")
    def get_admin(ident: str) -> Response:
        read_query(request, NoQuery)
        return unless_known(request, one(admin_snapshot(store.read(lambda tx: admins.find(tx, ident)))))

    @routes.delete("/admins/<ident>")
    def remove_admin(ident: str) -> Response:
        read_query(request, NoQuery)

        def work(tx: Any) -> Any:
            admins.remove(tx, ident)
            return nothing()

        return writing.run(work, None)

    @routes.put("/admins/<ident>/password")
    def set_password(ident: str) -> Response:
        read_query(request, NoQuery)
        body, raw = read_body(request, schemas.PasswordIn)
        kept = None if body.password is None else admins.hash_password(passwords, body.password)

        def work(tx: Any) -> Any:
            return one(admin_snapshot(admins.set_password(tx, ident, kept)))

        return writing.run(work, told_apart(raw, peppers))

    @routes.post("/admins/<ident>/tokens")
    def create_token(ident: str) -> Response:
        read_query(request, NoQuery)
        body, raw = read_body(request, schemas.TokenIn)
        draft = TokenDraft(body.name, body.expires)  # type: ignore[arg-type]  # seconds, see schemas.Time
        pepper = peppers.current()
        return writing.run(
            lambda tx: _new_token(admins.create_token(tx, ident, draft, pepper, clock())), raw, needs_key
        )

    @routes.get("/admins/<ident>/tokens")
    def list_tokens(ident: str) -> Response:
        read_query(request, NoQuery)
        found = store.read(lambda tx: tx.admins.tokens_of(admins.find(tx, ident).id))
        return respond(plain({"items": [token_snapshot(token) for token in found]}))

    @routes.delete("/admins/<ident>/tokens/<token>")
    def remove_token(ident: str, token: str) -> Response:
        read_query(request, NoQuery)

        def work(tx: Any) -> Any:
            admins.remove_token(tx, ident, token)
            return nothing()

        return writing.run(work, None)

    return routes


def _new_token(made: NewToken) -> Answer:
    location = f"/v1/admins/{made.token.admin_id}/tokens/{made.token.id}"
    return new_credential(token_snapshot(made.token), {"token": made.text}, location)


def told_apart(raw: dict[str, Any], peppers: Peppers) -> dict[str, Any]:
    """The body for the fingerprint of its Idempotency-Key, with a code in place of the password.

    The fingerprint is stored, and a hash of what a person chose could be guessed by whoever has a copy of it. The
    pepper is the oldest, so that a rotation in between makes no other request of one that is sent again.
    """
    if not isinstance(raw.get("password"), str):
        return raw
    _, pepper = min(peppers.all().items())
    return {**raw, "password": hmac.digest(pepper.secret, b"request\n" + raw["password"].encode(), "sha256").hex()}
