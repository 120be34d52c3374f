"""Who asks: the bearer credential of a request. Nothing else of the request is looked at before it is known."""

import re
from typing import Final

from flask import Flask, Response, g, request

from accounts.bootstrap.wiring import Services
from accounts.domain.errors import NotAuthenticatedError
from accounts.service import admins, gateways
from servicekit.web.problems import RefusalError

OPEN: Final = frozenset({"/v1/sign-in"})
"""Paths of the API that a stranger may ask: there a password is the credential."""
_BEARER = re.compile(r"Bearer +([\x21-\x7e]{1,512})", re.IGNORECASE)
_SECRET = re.compile(r"\bmg[was]?_[0-9A-Za-z]")
_SECRET_NAMES = frozenset(
    {"access_token", "api_key", "apikey", "authorization", "client_assertion", "client_secret", "password", "secret"}
)


def install(app: Flask, services: Services) -> None:
    """Let only gateways into the feed and only admins into the API: 401 for everybody else, whatever else is wrong."""
    checks = {"/internal/v1": _gateway, "/v1": _admin}

    @app.before_request
    def guard() -> None:
        for prefix, check in checks.items():
            if request.path.startswith(prefix) and request.path not in OPEN:
                check(services)
        _refuse_secrets_in_urls()

    @app.after_request
    def challenge(response: Response) -> Response:
        if response.status_code == 401:
            response.headers.setdefault("WWW-Authenticate", 'Bearer realm="accounts"')
        if "retry_after" in g:
            response.headers["Retry-After"] = str(g.retry_after)
        return response


def actor() -> str:
    """Who asks, for the audit."""
    return str(g.get("actor", ""))


def bearer() -> str:
    """The credential that the request shows. Raises NotAuthenticatedError."""
    found = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    if found is None:
        raise NotAuthenticatedError
    return found[1]


def _gateway(services: Services) -> None:
    text, held = bearer(), services.peppers.all()
    gateway = services.store.read(lambda tx: gateways.authenticate(tx, text, held))
    g.actor = f"gateway:{gateway.name}"


def _admin(services: Services) -> None:
    text, held, now = bearer(), services.peppers.all(), services.clock()
    admin, token = services.store.read(lambda tx: admins.authenticate(tx, text, held, now))
    g.actor, g.admin_id, g.token_id = f"admin:{admin.name}", admin.id, token.id


def _refuse_secrets_in_urls() -> None:
    for name, value in request.args.items(multi=True):
        if name.lower() in _SECRET_NAMES or _SECRET.search(value):
            detail = "a credential in a URL is in logs and histories: revoke it, and send it in a header"
            found = {"parameter": name[:80], "code": "secret_in_url", "detail": detail}
            raise RefusalError(400, "secret_in_url", detail, errors=[found])
