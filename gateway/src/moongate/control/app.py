"""The control process from its start to its end."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from typing import TYPE_CHECKING, Final, NamedTuple

from moongate.control.accounts.keeper import Accounts
from moongate.control.accounts.place import take_place
from moongate.control.activation import Given, Notifier, given_sockets, unserved_warning
from moongate.control.admin.door import Door
from moongate.control.discovery import Discovery
from moongate.control.journal import Console, Journal
from moongate.control.reload import Reloader, Running, Source, package_of
from moongate.control.sockets import Sockets, addresses
from moongate.control.supervisor import Supervisor
from moongate.control.tokens.keeper import TokenKeys
from moongate.net.tasks import Tasks
from moongate.stores.replays import SeenSignatures
from moongate.worker import messages
from moongate.worker.files import raise_file_limit
from moongate.worker.stopping import STOP_SIGNALS, StopSignals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp

    from moongate.compile import Snapshot
    from moongate.control.child import Child
    from moongate.control.supervisor import Package

    OnReady = Callable[[list[tuple[str, int]]], None]

FINE: Final = 0
PROBLEMS: Final = 1
LOOK_SECONDS: Final = 1.0


def run(cpus: Sequence[int | None], snapshot: Snapshot, source: Source, console: Console, on_ready: OnReady) -> int:
    """Serve ``snapshot`` with a worker for each of ``cpus`` (None is any), and whatever ``source`` holds later.

    Returns the exit status when a signal ends it: 0, or 1 where no worker could serve, which is told. ``on_ready`` is
    told the (host, port) of every listener. Before anything is started it raises OSError where one can not be bound,
    and PlaceInvalid where the replica of accounts can not be kept.
    """
    raise_file_limit()
    notifier = Notifier(os.environ)
    sockets = Sockets(len(cpus), Given(given_sockets(os.environ)))
    control = Control(cpus, Outside(sockets, notifier, Journal(console)), source)
    try:
        if snapshot.accounts is not None:
            take_place(snapshot.accounts.replica)
        TokenKeys.judge(snapshot.tokens)
        package = package_of(snapshot, sockets)
        sockets.adopt(package.sockets)
        for host, port in sockets.unserved():
            console.say(unserved_warning(host, port))
        control.door.adopt(control.door.bind(snapshot.admin))
        return asyncio.run(control.serve(package, snapshot, on_ready))
    finally:
        control.door.close()
        sockets.close()


class Outside(NamedTuple):
    """What there is beyond this process and its workers."""

    sockets: Sockets
    notifier: Notifier
    journal: Journal


class Control:
    """What control does between its start and its end."""

    def __init__(self, cpus: Sequence[int | None], outside: Outside, source: Source) -> None:
        self._sockets, self._notifier, self._journal = outside
        self._source = source
        self._tasks = Tasks()
        self._discovery = Discovery(self._tasks, self._journal.say)
        self._supervisor = Supervisor(cpus, self._tasks, self._journal.say, self._discovery.found)
        self._discovery.take = self._supervisor.take_found
        self._accounts = Accounts(self._supervisor.tell, self._journal.say)
        self._token_keys = TokenKeys(self._supervisor.tell, self._journal.say)
        self._signatures = SeenSignatures()
        self._supervisor.greet = self._greet
        self.door = Door(self._journal)

    async def serve(self, package: Package, snapshot: Snapshot, on_ready: OnReady) -> int:
        """Until a signal says otherwise; returns the exit status."""
        loop = asyncio.get_running_loop()
        stop = StopSignals(loop)
        where = addresses(package.sockets)
        await self._discovery.begin(package.names)
        self._discovery.keep(package.names)
        await self._accounts.follow(snapshot.accounts)
        await self._token_keys.begin(snapshot.tokens)
        self._token_keys.keep(snapshot.tokens)
        problems = await self._supervisor.start(package)
        if problems:
            for problem in problems:
                self._journal.say(problem)
            stop.second.set()
            await self._supervisor.stop(stop.second, 0.0)
            await self._end()
            return PROBLEMS
        running = Running(
            self._sockets,
            self._supervisor,
            self._discovery,
            self._accounts,
            self._token_keys,
            self.door,
            self._notifier,
        )
        reloader = Reloader(self._source, running, self._journal, snapshot)
        loop.add_signal_handler(signal.SIGHUP, reloader.ask)
        on_ready(where)
        self._notifier.ready(f"generation {snapshot.generation} is served")
        self.door.open(lambda: self._admin(reloader, stop), self._tasks)
        self._tasks.spawn(reloader.follow())
        self._tasks.spawn(_look_after(reloader))
        gc.freeze()  # what the config was compiled to stays, and need not be visited again and again
        await stop.first.wait()
        self._notifier.stopping()
        await self._leave(reloader.serving, stop)
        return FINE

    def _greet(self, child: Child) -> None:
        child.heard = lambda report: self._heard(report, child)
        self._accounts.greet(child.tell)
        self._token_keys.greet(child.tell)

    def _heard(self, report: messages.Question, child: Child) -> None:
        if isinstance(report, messages.TokenReport):
            self._token_keys.heard(report, child.tell)
        elif isinstance(report, messages.SignatureShown):
            is_first = self._signatures.is_first(report.mark, report.created)
            child.tell(messages.SignatureJudged(report.mark, is_first))
        else:
            self._accounts.heard(report, child.tell)

    def _admin(self, reloader: Reloader, stop: StopSignals) -> ASGIApp:
        from moongate.control.admin.api import Api  # 10 MB, and a quarter second at the start

        api = Api(reloader, self._supervisor, self._journal, stop.first.is_set)
        return api.app(lambda: self.door.token)

    async def _leave(self, snapshot: Snapshot, stop: StopSignals) -> None:
        plan = snapshot.drain
        has_notice = not stop.is_interrupt and plan.notice > 0
        if has_notice:
            self._journal.say(f"leaves: not ready from now on, takes requests for {plan.notice:g} s more")
        self._sockets.close()  # the workers have theirs; nobody waits in a queue that is served no longer
        await self._supervisor.stop(
            stop.second, plan.timeout + (plan.notice if has_notice else 0.0), has_notice=has_notice
        )
        self.door.close()
        await self._end()
        # It has ended well: who asks again while the interpreter packs up must not make a killing of it.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)

    async def _end(self) -> None:
        await self._accounts.close()
        await self._token_keys.close()
        await self._tasks.cancel()


async def _look_after(reloader: Reloader) -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        await reloader.look_after()
