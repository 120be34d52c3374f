"""The admin API on a real socket in this process, with a supervisor and real workers behind it."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from gateway_harness.controlling import WAIT_SECONDS, Supervised, snapshot, supervised
from moongate.config import ConfigInvalid, Problem
from moongate.control.accounts.keeper import Accounts
from moongate.control.activation import Notifier
from moongate.control.admin.api import Api
from moongate.control.admin.door import Door
from moongate.control.discovery import Discovery
from moongate.control.reload import Reloader, Running
from moongate.control.tokens.keeper import TokenKeys
from moongate.control.watch import stamp_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from moongate.compile import Snapshot

JSON = {"Content-Type": "application/json"}


class ByHand:
    """A source that holds what a test puts there (control.reload.Source)."""

    def __init__(self, first: Snapshot) -> None:
        self.stamps = {"none": stamp_of("none")}
        self.next: Snapshot | list[Problem] = first

    def load(self, generation: int) -> Snapshot:
        if isinstance(self.next, list):
            raise ConfigInvalid(self.next)
        return replace(self.next, generation=generation)


class Reply(NamedTuple):
    """``body`` is what the JSON holds, else text."""

    status: int
    headers: http.client.HTTPMessage
    body: Any


def http_ask(port: int, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Reply:
    """What the server at ``port`` answers; ``body`` is sent as JSON, bytes as they are."""
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS)) as connection:
        connection.request(method, path, data, JSON if headers is None else headers)
        response = connection.getresponse()
        text = response.read()
    is_json = "json" in response.headers.get("Content-Type", "")
    return Reply(response.status, response.headers, json.loads(text) if is_json else text.decode())


class Operated:
    """A running control, without its process: what a test may look at and change."""

    def __init__(self, held: Supervised, first: Snapshot) -> None:
        self.held = held
        self.source = ByHand(first)
        self.door = Door(held.journal)
        self.reloader = Reloader(
            self.source,
            Running(
                held.sockets,
                held.supervisor,
                Discovery(held.tasks, held.journal.say),
                Accounts(held.supervisor.tell, held.journal.say),
                TokenKeys(held.supervisor.tell, held.journal.say),
                self.door,
                Notifier({}),
            ),
            held.journal,
            self.source.load(1),
        )
        self.is_leaving = False
        self.api = Api(self.reloader, held.supervisor, held.journal, lambda: self.is_leaving)

    @property
    def port(self) -> int:
        sock = self.door._bound.sock
        assert sock is not None
        return int(sock.getsockname()[1])

    async def ask(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Reply:
        return await asyncio.to_thread(http_ask, self.port, method, path, body, headers)


@asynccontextmanager
async def operated(first: Snapshot | None = None, workers: int = 1) -> AsyncIterator[Operated]:
    """Workers that serve ``first``, and the admin API beside them."""
    async with supervised(workers) as held:
        plan = first or snapshot("http://127.0.0.1:1", more="admin: {bind: '127.0.0.1:0'}\n")
        operated = Operated(held, plan)
        package = held.package(plan)
        held.sockets.adopt(package.sockets)
        assert await held.supervisor.start(package) == []
        operated.door.adopt(operated.door.bind(plan.admin))
        operated.door.open(lambda: operated.api.app(lambda: operated.door.token), held.tasks)
        try:
            yield operated
        finally:
            operated.door.close()
