"""Who may ask: nobody from a web page, and, where there is a token, nobody without it.

A browser on the operator's machine reaches loopback as well as the operator does. Three things stand in its way: a page
that had its own name resolve to 127.0.0.1 (DNS rebinding) sends that name as Host; a form or a simple fetch can not
send ``Content-Type: application/json`` without asking first, which is never granted; and no page knows the token.
"""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from starlette.requests import Request

from moongate.control.admin.answers import AdminRefused, problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

OPEN_PATHS: Final = ("/healthz", "/readyz")
"""For load balancers and orchestrators, which hold no token. They tell one word."""


class Access:
    """Lets ``app`` (ASGI) see only what may be asked. ``token`` tells the one that holds at present, or None."""

    def __init__(self, app: ASGIApp, token: Callable[[], str | None]) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            judge(Request(scope), self._token())
        except AdminRefused as refused:
            await problem(refused)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def judge(request: Request, token: str | None) -> None:
    """Raises AdminRefused where ``request`` must not be done."""
    # Not of its URL, which some releases of Starlette put together with what the client says is its host.
    if request.scope["path"] in OPEN_PATHS and request.method in ("GET", "HEAD"):
        return
    if token is not None:
        if not _shows(request, token):
            raise AdminRefused(401, "credentials_invalid", "Send the admin token as Authorization: Bearer TOKEN.")
        return
    if not _is_address(request.headers.get("host", "")):
        raise AdminRefused(403, "host_unknown", "Ask by IP address or as localhost; or set a token, and use any name.")
    if request.method not in ("GET", "HEAD"):
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != "application/json":
            raise AdminRefused(415, "json_required", "Send Content-Type: application/json, and a JSON body or none.")


def _shows(request: Request, token: str) -> bool:
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    # Bytes: a header may hold what ASCII does not, and the comparison refuses such text.
    return scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode("latin-1"), token.encode())


def _is_address(host: str) -> bool:
    name, bracket, _ = host[1:].partition("]") if host.startswith("[") else host.partition(":")
    if host.startswith("[") and not bracket:
        return False
    try:
        ip_address(name)
    except ValueError:
        return name.lower() == "localhost"
    return True
