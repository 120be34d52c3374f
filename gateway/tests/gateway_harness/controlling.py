"""Parts of the control process in this one, with real worker processes."""

from __future__ import annotations

import asyncio
import pickle
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from moongate.compile.compiler import JUDGES, compile_config
from moongate.config import parse
from moongate.control.journal import Journal
from moongate.control.sockets import Sockets
from moongate.control.supervisor import Package, Supervisor
from moongate.net.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

    from moongate.compile import Snapshot
    from moongate.config import Problem

WAIT_SECONDS = 30.0


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 2 * WAIT_SECONDS))


def snapshot(
    target: str, generation: int = 1, listener: str = "{bind: '127.0.0.1:0'}", more: str = "admin: off\n"
) -> Snapshot:
    text = (
        f"version: 1\ndrain: {{notice: 0s}}\n{more}"
        f"listeners: [{listener}]\naccess_log: false\nservices: {{s: {{targets: ['{target}']}}}}\n"
        "routes: [{name: r, match: {}, service: s}]\n"
    )
    return compile_config(parse(text, "gateway.yaml", JUDGES), generation)


async def until(holds: Callable[[], object], what: str) -> None:
    """Once ``holds()``."""
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while not holds():  # noqa: ASYNC110 - processes and threads set no event
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"not within {WAIT_SECONDS:g} s: {what}") from None


async def get(address: tuple[str, int]) -> bytes:
    """The body that is answered on a new connection."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer.rpartition(b"\r\n\r\n")[2]


class Supervised:
    """A supervisor, and what it said (a control.journal.Console)."""

    def __init__(self, workers: int) -> None:
        self.said: list[str] = []
        self.tasks = Tasks()
        self.journal = Journal(self)
        self.sockets = Sockets(workers)
        self.supervisor = Supervisor([None] * workers, self.tasks, self.journal.say)
        self.hurry = asyncio.Event()

    def package(self, plan: Snapshot) -> Package:
        return Package(plan.generation, pickle.dumps(plan), self.sockets.bind(plan.listeners))

    def say(self, text: str) -> None:
        self.said.append(text)

    def complain_of(self, problems: Sequence[Problem]) -> None:
        self.said.extend(map(str, problems))

    def start_failure(self, error: OSError) -> str:
        return f"cannot listen on {error.filename}"

    def has_said(self, text: str) -> bool:
        return any(text in line for line in self.said)


@asynccontextmanager
async def supervised(workers: int) -> AsyncIterator[Supervised]:
    """Everything that was started is ended with the block."""
    held = Supervised(workers)
    try:
        yield held
    finally:
        held.hurry.set()
        held.sockets.close()
        await held.supervisor.stop(held.hurry, 0.0)
        await held.tasks.cancel()
