"""One change asked for over HTTP: in one transaction, under its Idempotency-Key, told to the history by whom."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from flask import Response, g, request

from invsys.bootstrap.wiring import Services
from invsys.service.idempotency import Answer, RequestKey, once
from invsys.service.ports import Origin, Transaction
from invsys.web.answers import problem, respond
from invsys.web.problems import RefusalError, describe

MAX_ACTOR = 200
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class Writer:
    """Runs changes for the routes of one application."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def run(self, work: Callable[[Transaction], Answer], body: Any, needs_key: bool = False) -> Response:
        """Do `work` and answer what it returns; `body` is what was sent, for the fingerprint of the key.

        Raises RefusalError 400 when the key is needed and absent, or it or the actor is malformed; without a key what
        `work` raises.
        """
        services = self._services
        key = self._key(needs_key and services.settings.require_idempotency_key)
        origin = self._origin()
        if key is None:
            return respond(services.store.write(work, origin))
        # An actor sees only what was answered to it, whatever keys others use.
        wanted = RequestKey(f"{origin.actor}\n{key}", _fingerprint(body))
        answer = services.store.write(
            lambda tx: once(tx, wanted, lambda: work(tx), lambda error: problem(describe(error)), services.clock()),
            origin,
        )
        return respond(answer)

    def _key(self, needed: bool) -> str | None:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            if needed:
                detail = "send an Idempotency-Key (a fresh UUID), and the same one when you retry"
                raise RefusalError(400, "idempotency_key_missing", detail)
            return None
        if not _KEY.fullmatch(key):
            raise RefusalError(400, "bad_idempotency_key", "an Idempotency-Key is 1 to 255 visible ASCII characters")
        return key

    def _origin(self) -> Origin:
        header = self._services.settings.actor_header
        actor = request.headers.get(header, "") if header else ""
        if len(actor) > MAX_ACTOR:  # cut, two of them could become one
            raise RefusalError(400, "bad_actor", f"{header} is longer than {MAX_ACTOR} characters")
        return Origin(g.request_id, actor)


def _fingerprint(body: Any) -> str:
    parts = [request.method, request.full_path, request.headers.get("If-Match"), body]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
