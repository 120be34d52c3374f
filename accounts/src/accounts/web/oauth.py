"""`/oauth/token`, `/oauth/introspect`, `/oauth/revoke`: RFC 6749, 7662 and 7009."""

import logging
from typing import Any

from flask import Blueprint, Response, g, request

from accounts.bootstrap.oauth import TOKEN_PATH
from accounts.bootstrap.wiring import Services
from accounts.domain.errors import NotAuthenticatedError, PepperUnavailableError
from accounts.domain.oauth import TOKEN_TTL_S, OAuthError
from accounts.service import gateways
from accounts.service.authenticating import Known
from accounts.web.auth import bearer
from accounts.web.limits import Buckets, address_key
from accounts.web.oauth_forms import read_client, read_form
from servicekit.core.errors import StoreUnavailableError
from servicekit.core.values import Origin
from servicekit.web.answers import JSON, encode
from servicekit.web.problems import RefusalError

log = logging.getLogger("accounts.oauth")

ADDRESS_RATE, ADDRESS_BURST = 100.0, 400
CLIENT_RATE, CLIENT_BURST = 20.0, 100
"""A token lasts five minutes: a client with a hundred processes needs one in three seconds."""
_NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Endpoints:
    """What the routes share: floods are slowed before anything else, then who asks is found out."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._addresses = Buckets(ADDRESS_RATE, ADDRESS_BURST, services.clock)
        self._clients = Buckets(CLIENT_RATE, CLIENT_BURST, services.clock)

    def form(self) -> dict[str, str]:
        """The form of a request that is not one too many. Raises OAuthError."""
        header = self._services.settings.address_header
        # Of a list the last is what the trusted proxy itself saw; whatever stands before it anybody may have sent.
        address = (request.headers.get(header, "").rpartition(",")[2] if header else request.remote_addr) or ""
        _slow(self._addresses.wait(address_key(address)))
        return read_form(request)

    def client(self, form: dict[str, str]) -> Known:
        """The client that asks. Raises OAuthError."""
        shown = read_client(request, form)
        try:
            known = self._services.oauth.authenticator.client(shown)
        except OAuthError:
            log.warning(
                "a client was refused", extra={"fields": {"request_id": g.request_id, "client": shown.client_id[:64]}}
            )
            raise
        _slow(self._clients.wait(known.client.id))
        return known

    def reader(self, form: dict[str, str]) -> str | None:
        """Who introspects: None for a gateway, which may see every token; else the client's id. Raises OAuthError."""
        if not request.headers.get("Authorization", "").lower().startswith("bearer "):
            return self.client(form).client.id
        held = self._services.peppers.all()
        try:
            text = bearer()
            self._services.store.read(lambda tx: gateways.authenticate(tx, text, held))
        except NotAuthenticatedError:
            raise OAuthError("invalid_token", "the bearer credential is not that of a gateway", 401) from None
        return None


def build(services: Services) -> Blueprint:
    """The routes."""
    routes = Blueprint("oauth", __name__)
    endpoints, tokens = Endpoints(services), services.oauth.tokens

    @routes.post(TOKEN_PATH)
    def token() -> Response:
        form = endpoints.form()
        kind = form.get("grant_type")
        if kind is None:
            raise OAuthError("invalid_request", "grant_type is missing: send client_credentials")
        known = endpoints.client(form)
        if kind != "client_credentials":
            raise OAuthError("unsupported_grant_type", "the only grant_type here is client_credentials")
        issued = tokens.issue(known, form.get("scope"), form.get("resource"), _origin(known))
        log.info(
            "a token was issued",
            extra={"fields": {"request_id": g.request_id, "client": known.client.id, "jti": issued.jti}},
        )
        answer = {"access_token": issued.text, "token_type": "Bearer", "expires_in": TOKEN_TTL_S}
        return _answer({**answer, "scope": " ".join(issued.scopes)} if issued.scopes else answer)

    @routes.post("/oauth/introspect")
    def introspect() -> Response:
        form = endpoints.form()
        client_id = endpoints.reader(form)
        return _answer(tokens.introspect(_token(form), client_id))

    @routes.post("/oauth/revoke")
    def revoke() -> Response:
        form = endpoints.form()
        known = endpoints.client(form)
        tokens.revoke(_token(form), known.client, _origin(known))
        return Response(status=200, headers=_NOT_KEPT)

    _say_it_the_oauth_way(routes)
    return routes


def _origin(known: Known) -> Origin:
    return Origin(g.request_id, f"client:{known.client.name}")


def _token(form: dict[str, str]) -> str:
    if "token" not in form:
        raise OAuthError("invalid_request", "token is missing")
    return form["token"]


def _slow(seconds: int) -> None:
    if seconds:
        raise OAuthError(
            "temporarily_unavailable", "too many requests: wait, and keep a token until it ends", 429, seconds
        )


def _answer(body: dict[str, Any], status: int = 200) -> Response:
    return Response(encode(body), status, _NOT_KEPT, content_type=JSON)


def _say_it_the_oauth_way(routes: Blueprint) -> None:
    """Refusals as RFC 6749 section 5.2 has them."""

    @routes.errorhandler(OAuthError)
    def refused(error: OAuthError) -> Response:
        response = _answer({"error": error.error, "error_description": error.description}, error.status)
        if error.status == 401:
            scheme = "Bearer" if error.error == "invalid_token" else "Basic"
            response.headers["WWW-Authenticate"] = f'{scheme} realm="accounts"'
        if error.retry_after is not None:
            response.headers["Retry-After"] = str(error.retry_after)
        return response

    @routes.errorhandler(RefusalError)
    def malformed(error: RefusalError) -> Response:
        return _answer({"error": "invalid_request", "error_description": error.detail.replace('"', "'")}, error.status)

    @routes.errorhandler(StoreUnavailableError)
    @routes.errorhandler(PepperUnavailableError)
    def unavailable(error: StoreUnavailableError | PepperUnavailableError) -> Response:
        log.error("%s", error.reason if isinstance(error, StoreUnavailableError) else error.detail)
        answer = {"error": "temporarily_unavailable", "error_description": "the service cannot answer now: try again"}
        response = _answer(answer, 503)
        response.headers["Retry-After"] = "1"
        return response
