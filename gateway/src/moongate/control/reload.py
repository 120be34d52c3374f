"""A new config: read, compiled, handed to the workers; or refused, and everything stays as it was."""

from __future__ import annotations

import asyncio
import pickle
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from moongate.config import ConfigInvalid
from moongate.control.accounts.keeper import Accounts
from moongate.control.accounts.place import PlaceInvalid
from moongate.control.supervisor import Package, Supervisor
from moongate.control.watch import Watcher

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from moongate.compile import AccountsPlan, Snapshot
    from moongate.config import Problem
    from moongate.control.activation import Notifier
    from moongate.control.discovery import Discovery
    from moongate.control.sockets import Sockets
    from moongate.control.watch import Stamp

WATCH_SECONDS: Final = 0.25


class Source(Protocol):
    """Where snapshots come from. ``stamps`` are those of every file that the last ``load`` read, or could not."""

    stamps: Mapping[str, Stamp]

    def load(self, generation: int) -> Snapshot:
        """Raises ConfigInvalid."""


class Console(Protocol):
    """How people are told."""

    def say(self, text: str) -> None: ...
    def complain_of(self, problems: Sequence[Problem]) -> None: ...
    def start_failure(self, error: OSError) -> str:
        """Why an address can not be bound, in words."""


class Serving(NamedTuple):
    """What is served at present."""

    generation: int
    digest: str
    accounts: AccountsPlan | None = None


def serving(snapshot: Snapshot) -> Serving:
    """What is said of ``snapshot`` once it is served."""
    return Serving(snapshot.generation, snapshot.digest, snapshot.accounts)


def package_of(snapshot: Snapshot, sockets: Sockets) -> Package:
    """``snapshot`` for the workers. Raises OSError where a listener can not be bound."""
    names = tuple(name for service in snapshot.services.values() for name in service.names)
    accounts = snapshot.accounts
    if accounts is not None:
        accounts = replace(accounts, token="")  # workers are told of clients over their channel, and need none
    told = replace(snapshot, accounts=accounts)
    return Package(
        snapshot.generation, pickle.dumps(told, pickle.HIGHEST_PROTOCOL), sockets.bind(snapshot.listeners), names
    )


class Parts(NamedTuple):
    """What a reload changes, and whom it tells."""

    sockets: Sockets
    supervisor: Supervisor
    discovery: Discovery
    accounts: Accounts
    console: Console
    notifier: Notifier


class Reloader:
    """Follows its source: at a signal, and when a file changes."""

    def __init__(self, source: Source, serving: Serving, parts: Parts) -> None:
        self._source = source
        self._serving = serving
        self._sockets, self._supervisor, self._discovery, self._accounts, self._console, self._notifier = parts
        self._asked = asyncio.Event()
        self._watcher = Watcher(source.stamps)

    def ask(self) -> None:
        """Reload as soon as may be."""
        self._asked.set()

    async def follow(self) -> None:
        """For ever: reload when asked to, and when a file has changed."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), WATCH_SECONDS)
            if self._asked.is_set():
                self._asked.clear()
                await self._reload_and_notify("asked to by SIGHUP")
            elif changed := self._watcher.look():
                await self._reload_and_notify(f"{changed[0]} changed")

    async def _reload_and_notify(self, why: str) -> None:
        self._notifier.reloading()
        is_served = await self.reload(why)
        generation = self._serving.generation
        self._notifier.ready(
            f"generation {generation} is served" + ("" if is_served else ", the last reload was refused")
        )

    async def reload(self, why: str) -> bool:
        """Serve what the source holds now; whether that could be done. ``why`` is told."""
        loop = asyncio.get_running_loop()
        now = self._serving.generation
        try:
            # In a thread: 10,000 routes take a second, and workers are looked after meanwhile.
            snapshot = await loop.run_in_executor(None, self._source.load, now + 1)
        except ConfigInvalid as invalid:
            self._refuse()
            self._console.complain_of(invalid.problems)
            return False
        finally:
            self._watcher.reset(self._source.stamps)
        if snapshot.digest == self._serving.digest:
            self._console.say(f"moongate: {why}, nothing that counts is different: generation {now} goes on")
            return True
        try:
            Accounts.judge(snapshot.accounts)
            package = package_of(snapshot, self._sockets)
        except PlaceInvalid as invalid:
            self._refuse(str(invalid))
            return False
        except OSError as error:
            self._refuse(self._console.start_failure(error))
            return False
        await self._discovery.begin(package.names)
        problems = await self._supervisor.reload(package)
        if problems:
            self._discovery.abandon()
            self._sockets.discard(package.sockets)
            self._refuse(*problems)
            return False
        self._discovery.keep(package.names)
        self._sockets.adopt(package.sockets)
        self._serving = serving(snapshot)
        await self._accounts.follow(snapshot.accounts)
        self._console.say(f"moongate: generation {snapshot.generation} is served ({why})")
        return True

    def _refuse(self, *problems: str) -> None:
        self._console.say(f"moongate: reload refused, generation {self._serving.generation} goes on")
        for problem in problems:
            self._console.say(f"moongate: {problem}")
