"""`/sign-in` and `/sign-out`."""

from flask import g, request
from werkzeug.wrappers import Response

from accounts.domain.admin import Admin
from accounts.domain.errors import NotAuthenticatedError, StateConflictError, TooManyAttemptsError
from accounts.service import admins
from accounts.web.limits import Buckets, address_key
from accounts.web.pages import sessions
from accounts.web.pages.forms import Form, Refused
from accounts.web.pages.shell import Shell, page, see_other

RATE, BURST = 1.0, 20
"""Attempts of one address a second, and at once: each costs a slow hash."""
WRONG = "No admin signs in with that."
"""One answer for a name nobody has, a wrong password and a dead token."""


def add(shell: Shell) -> None:
    """The routes of the entrance."""
    services = shell.services
    buckets = Buckets(RATE, BURST, services.clock)

    @shell.routes.get("/sign-in")
    def ask() -> Response:
        g.session = sessions.current(services, request)
        return see_other("/") if g.session else page("sign_in.html")

    @shell.routes.post("/sign-in")
    def sign_in() -> Response:
        name = "token" if g.form.raw("token") else "password"
        try:
            header = services.settings.address_header
            sent = request.headers.get(header, "").rpartition(",")[2] if header else request.remote_addr
            if wait := buckets.wait(address_key(sent or "")):
                raise TooManyAttemptsError(wait)
            text = sessions.begin(services, _admin_of_token(shell) if name == "token" else _admin(shell))
        except TooManyAttemptsError as error:
            text = f"Too many attempts: wait {error.seconds} s."
            response = page("sign_in.html", 429, Refused(name, {"": text}, _harmless(g.form)))
            response.headers["Retry-After"] = str(error.seconds)
            return response
        except NotAuthenticatedError:
            return page("sign_in.html", 401, Refused(name, {"": WRONG}, _harmless(g.form)))
        except StateConflictError as error:
            return page("sign_in.html", 409, Refused(name, {"": error.detail}, _harmless(g.form)))
        response = see_other("/")
        sessions.set_cookie(response, text, shell.is_secure())
        return response

    @shell.routes.post("/sign-out")
    def sign_out() -> Response:
        sessions.end(services, g.session)
        response = see_other("/sign-in")
        sessions.set_cookie(response, "", shell.is_secure())
        return response


def _admin(shell: Shell) -> Admin:
    name, password = g.form.text("name"), g.form.raw("password")
    shell.attempts.check(name)
    admin = shell.services.store.read(lambda tx: tx.admins.by_name(name))
    if not admins.is_password_of(admin, password, shell.services.passwords) or admin is None:
        shell.attempts.failed(name)
        raise NotAuthenticatedError
    shell.attempts.succeeded(name)
    return admin


def _admin_of_token(shell: Shell) -> Admin:
    text, held, now = g.form.text("token"), shell.services.peppers.all(), shell.services.clock()
    return shell.services.store.read(lambda tx: admins.authenticate(tx, text, held, now))[0]


def _harmless(form: Form) -> Form:
    """What may stand in the form again: never a credential."""
    return Form((("name", form.text("name")),))
