"""Sessions of the pages: an admin's token that lives for hours, in a cookie that no script and no other site can use.

The database has its hash only, so that a session can be ended, and a copy of the database opens none. Every form
carries a code made from the token; other sites can neither read nor compute it.
"""

import hashlib
import hmac
from dataclasses import dataclass

from flask import Request, g
from werkzeug.wrappers import Response

from accounts.bootstrap.wiring import Services
from accounts.domain.admin import SESSION_S, Admin
from accounts.domain.errors import NotAuthenticatedError
from accounts.service import admins
from servicekit.core.values import Origin

COOKIE = "accounts_session"


@dataclass(frozen=True, slots=True)
class Session:
    """`ident` is public, `form_code` is what each form has to carry."""

    admin: Admin
    ident: str
    form_code: str

    def may_send(self, code: str) -> bool:
        """Whether a form with that code was made for this session; takes as long for a wrong one."""
        return hmac.compare_digest(self.form_code.encode(), code.encode())


def begin(services: Services, admin: Admin) -> str:
    """Let an admin in who has proved to be it: the text of the cookie. Raises StateConflictError and NotFoundError."""
    pepper, now = services.peppers.current(), services.clock()
    origin = Origin(g.request_id, f"admin:{admin.name}")
    made = services.store.write(lambda tx: admins.create_token(tx, admin.id, admins.session(now), pepper, now), origin)
    return made.text


def current(services: Services, request: Request) -> Session | None:
    """The session that a request shows, if it is alive."""
    text, held, now = request.cookies.get(COOKIE, ""), services.peppers.all(), services.clock()
    try:
        admin, token = services.store.read(lambda tx: admins.authenticate(tx, text, held, now))
    except NotAuthenticatedError:
        return None
    code = hmac.new(text.encode(), b"accounts form", hashlib.sha256).hexdigest()
    return Session(admin, token.id, code)


def end(services: Services, session: Session) -> None:
    """Refuse the session from now on."""
    origin = Origin(g.request_id, f"admin:{session.admin.name}")
    services.store.write(lambda tx: admins.remove_token(tx, session.admin.id, session.ident), origin)


def set_cookie(response: Response, text: str, is_secure: bool) -> None:
    """Hand the session to the browser; an empty text takes it back."""
    age = SESSION_S if text else 0
    response.set_cookie(COOKIE, text, max_age=age, path="/", secure=is_secure, httponly=True, samesite="Strict")
