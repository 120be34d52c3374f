"""What the routes of the API share: how they write, how they page, and how a new credential is answered."""

from dataclasses import replace
from typing import Any

from accounts.bootstrap.wiring import Services
from accounts.domain.errors import InvalidValueError
from accounts.domain.grant import Effect, Grant
from accounts.service.ports import Transaction
from accounts.web import auth
from accounts.web.problems import PROBLEMS
from accounts.web.schemas import GrantIn
from servicekit.core.idempotency import Answer
from servicekit.web.answers import encode, one, plain
from servicekit.web.pages import Pager
from servicekit.web.writing import Writer


def writer(services: Services) -> Writer[Transaction]:
    """Runs changes as the admin who asks."""
    return Writer(services.store.write, PROBLEMS, services.clock, auth.actor)


def pager(services: Services) -> Pager:
    """Reads and writes cursors."""
    return Pager(lambda: services.store.read(lambda tx: tx.secret("cursor")))


def new_credential(members: dict[str, Any], secret: dict[str, str], location: str) -> Answer:
    """201 with a secret in it. What is kept for its Idempotency-Key has null there: a secret is shown once."""
    headers = {"Location": location}
    shown = {**members, **secret}
    answer = one(shown, 201, location) if "version" in members else plain(shown, 201, headers)
    # No cache on the way may keep it either (RFC 6749 section 5.1 asks the same for tokens).
    return replace(
        answer,
        headers={**answer.headers, "Cache-Control": "no-store"},
        kept=encode({**members, **dict.fromkeys(secret)}),
    )


def build_grant(given: GrantIn, where: str = "") -> Grant:
    """The grant that was sent at the pointer `where`. Raises InvalidValueError."""
    try:
        return Grant(
            given.resource,
            tuple(given.actions),
            Effect(given.effect),
            given.expires,  # type: ignore[arg-type]  # seconds, see Time
            dict(given.constraint.query),
        )
    except InvalidValueError as error:
        raise InvalidValueError(where + error.field, error.code, error.detail) from None
