"""One change asked for over HTTP: in one transaction, under its Idempotency-Key, told to the history by whom."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from flask import Response, g, request

from servicekit.core.idempotency import Answer, Keyed, RequestKey, once
from servicekit.core.values import Clock, Origin
from servicekit.web.answers import respond
from servicekit.web.problems import Problems, RefusalError

Tx = TypeVar("Tx", bound=Keyed)

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


Write = Callable[[Callable[[Tx], Answer], Origin], Answer]
"""How a service runs work in a transaction that writes."""


class Writer(Generic[Tx]):
    """Runs changes for the routes of one application; `actor` says who asks for the one at hand."""

    def __init__(self, write: Write[Tx], problems: Problems, clock: Clock, actor: Callable[[], str]) -> None:
        self._write = write
        self._problems = problems
        self._clock = clock
        self._actor = actor

    def run(self, work: Callable[[Tx], Answer], body: Any, needs_key: bool = False) -> Response:
        """Do `work` and answer what it returns; `body` is what was sent, for the fingerprint of the key.

        Raises RefusalError 400 when the key is needed and absent, or malformed; and what `work` raises without one.
        """
        key = _key(needs_key)
        origin = Origin(g.request_id, self._actor())
        if key is None:
            return respond(self._write(work, origin))
        # An actor sees only what was answered to it, whatever keys others use.
        wanted = RequestKey(f"{origin.actor}\n{key}", _fingerprint(body))
        answer = self._write(
            lambda tx: once(tx, wanted, lambda: work(tx), self._problems.keepable, self._clock()), origin
        )
        return respond(answer)


def _key(needed: bool) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        if needed:
            detail = "send an Idempotency-Key (a fresh UUID), and the same one when you retry"
            raise RefusalError(400, "idempotency_key_missing", detail)
        return None
    if not _KEY.fullmatch(key):
        raise RefusalError(400, "bad_idempotency_key", "an Idempotency-Key is 1 to 255 visible ASCII characters")
    return key


def _fingerprint(body: Any) -> str:
    parts = [request.method, request.full_path, request.headers.get("If-Match"), body]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
