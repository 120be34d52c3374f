"""What all pages have in common: who may see them, the headers they carry, how they change things and how they fail."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources as package_files
from typing import Any, TypeVar

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from accounts.bootstrap.wiring import Services
from accounts.service.ports import Transaction
from accounts.web.attempts import Attempts
from accounts.web.pages import sessions
from accounts.web.pages.forms import Refused, read_form
from accounts.web.pages.once import Once
from accounts.web.problems import PROBLEMS
from servicekit.core.values import Origin
from servicekit.web.problems import RefusalError

T = TypeVar("T")

log = logging.getLogger("accounts.web")

OPEN = frozenset({"/sign-in", "/style.css"})
"""What a stranger may see."""
NAME_OF_CODE = "form_code"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Shell:
    """What the pages work with."""

    routes: Blueprint
    services: Services
    attempts: Attempts
    once: Once

    def change(self, work: Callable[[Transaction], T]) -> T:
        """Run a change as the admin who is signed in."""
        return self.services.store.write(work, Origin(g.request_id, f"admin:{g.session.admin.name}"))

    def is_secure(self) -> bool:
        """Whether browsers reach this service over TLS, here or at a proxy in front of it."""
        return request.is_secure or self.services.settings.issuer.startswith("https:")


def build_shell(services: Services, attempts: Attempts) -> Shell:
    """The frame that pages are put into."""
    routes = Blueprint("pages", __name__, template_folder="templates")
    style = (package_files.files("accounts.web.pages") / "templates" / "style.css").read_text()

    @routes.before_request
    def guard() -> Response | None:
        if request.method == "POST":
            # A page of another site may send forms here; browsers say so, and SameSite keeps the cookie from it.
            if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
                raise RefusalError(403, "other_site", "this form came from another site, and was not taken")
            g.form = read_form(request)
        if request.path in OPEN:
            return None
        session = sessions.current(services, request)
        if session is None:
            return redirect("/sign-in", 303)
        g.session = session
        if request.method == "POST" and not session.may_send(g.form.text(NAME_OF_CODE)):
            raise RefusalError(403, "form_outdated", "this form is from another session: open its page again")
        return None

    @routes.after_request
    def protect(response: Response) -> Response:
        response.headers.extend(_HEADERS)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    @routes.errorhandler(Exception)
    def fail(error: Exception) -> Response:
        if isinstance(error, HTTPException):
            problem: dict[str, Any] = {"status": error.code or 500, "title": error.name, "detail": error.description}
        else:
            found = PROBLEMS.describe(error)
            if found is None:
                log.exception("a bug answered %s %s", request.method, request.path, exc_info=error)
                found = {"status": 500, "title": "Internal", "detail": "the service failed; the log has the reason"}
            problem = found
        return page("error.html", problem["status"], problem=problem)

    @routes.get("/style.css")
    def stylesheet() -> Response:
        # Asked for anew each time, so that a page never wears the style of the version before it.
        response = Response(style, content_type="text/css; charset=utf-8", headers={"Cache-Control": "no-cache"})
        response.add_etag()
        return response.make_conditional(request)

    return Shell(routes, services, attempts, Once(services.clock))


def page(template: str, status: int = 200, refused: Refused | None = None, **context: Any) -> Response:
    """A page; its forms carry the code of the session."""
    refused = refused or Refused()
    session = g.get("session")
    text = render_template(
        template,
        session=session,
        name_of_code=NAME_OF_CODE,
        refused=refused,
        moment=moment,
        **context,
    )
    return Response(text, refused.status if status == 200 else status, content_type="text/html; charset=utf-8")


def see_other(path: str) -> Response:
    """Where to go after a change, so that reloading does not make it again."""
    return redirect(path, 303)


def moment(seconds: int | None) -> str:
    """A time for people, in UTC."""
    return "" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"
