"""A new config: read, compiled, handed to the workers; or refused, and everything stays as it was."""

from __future__ import annotations

import asyncio
import pickle
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol

from moongate.config import ConfigInvalid, Problem
from moongate.control.accounts.place import PlaceInvalid
from moongate.control.guard import Guard, History
from moongate.control.supervisor import Package, Supervisor
from moongate.control.watch import Watcher
from moongate.core.clock import monotonic, wall

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moongate.compile import Snapshot
    from moongate.control.accounts.keeper import Accounts
    from moongate.control.activation import Notifier
    from moongate.control.admin.door import Door
    from moongate.control.discovery import Discovery
    from moongate.control.journal import Journal
    from moongate.control.sockets import Sockets
    from moongate.control.tokens.keeper import SourceState, TokenKeys
    from moongate.control.watch import Stamp

WATCH_SECONDS: Final = 0.25
_PROGRAM: Final = "moongate"  # the source of problems that stand in no file


class Source(Protocol):
    """Where snapshots come from. ``stamps`` are those of every file that the last ``load`` read, or could not."""

    stamps: Mapping[str, Stamp]

    def load(self, generation: int) -> Snapshot:
        """Raises ConfigInvalid."""


class Running(NamedTuple):
    """What a reload changes, and whom it tells."""

    sockets: Sockets
    supervisor: Supervisor
    discovery: Discovery
    accounts: Accounts
    token_keys: TokenKeys
    admin: Door
    notifier: Notifier


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reload came to: what is served after it, or would be where it is ``ready`` (a rehearsal). ``outdated``:
    what is served is not what whoever asked for it thought."""

    result: Literal["served", "unchanged", "refused", "ready", "outdated"]
    generation: int
    digest: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """A reload that was refused or taken back. ``at`` is a date in ISO 8601, ``why`` what had it asked for."""

    at: str
    why: str
    problems: tuple[Problem, ...]


def package_of(snapshot: Snapshot, sockets: Sockets) -> Package:
    """``snapshot`` for the workers, without what is control's alone. Raises OSError where a listener can not be
    bound."""
    accounts = snapshot.accounts
    if accounts is not None:
        accounts = replace(accounts, token="")  # workers are told of clients over their channel, and need none
    tokens = snapshot.tokens
    if tokens is not None:
        tokens = replace(tokens, logins=None)  # nor secrets at providers, which are asked by control
    theirs = replace(snapshot, admin=None, guard=None, accounts=accounts, tokens=tokens)
    names = tuple(name for service in snapshot.services.values() for name in service.names)
    return Package(
        snapshot.generation, pickle.dumps(theirs, pickle.HIGHEST_PROTOCOL), sockets.bind(snapshot.listeners), names
    )


class Reloader:
    """Follows its source: at a signal, when a file changes, and when an operator asks. ``serving`` is what the workers
    serve, ``since`` the date since when."""

    def __init__(self, source: Source, running: Running, journal: Journal, serving: Snapshot) -> None:
        self._source = source
        self._running = running
        self._journal = journal
        self._asked = asyncio.Event()
        self._watcher = Watcher(source.stamps)
        self._lock = asyncio.Lock()
        self._history = History()
        self._guard: Guard | None = None
        self._previous: Snapshot | None = None  # to go back to, while the guard watches
        self._taken_back = ""  # the digest of what must not be served again unless somebody asks
        self.serving = serving
        self.since = wall().isoformat(timespec="seconds")
        self.results: Counter[str] = Counter()
        self.last_refused: Event | None = None
        journal.generation = serving.generation

    def ask(self) -> None:
        """Reload as soon as may be."""
        self._asked.set()

    async def follow(self) -> None:
        """For ever: reload when asked to, and when a file has changed."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), WATCH_SECONDS)
            try:
                if self._asked.is_set():
                    self._asked.clear()
                    await self.reload("asked to by SIGHUP")
                elif changed := self._watcher.look():
                    await self.reload(f"{changed[0]} changed", is_asked=False)
            except Exception as error:  # noqa: BLE001 - a fault of ours must not cost every later reload
                context = {"message": "A reload failed", "exception": error}
                asyncio.get_running_loop().call_exception_handler(context)

    async def reload(self, why: str, *, is_asked: bool = True, if_digest: str = "") -> Outcome:
        """Serve what the source holds now. ``why`` is told; somebody who ``is_asked`` for it may insist on what was
        taken back; nothing is done where something else than ``if_digest`` is served."""
        async with self._lock:
            if if_digest and if_digest != self.serving.digest:
                return Outcome("outdated", self.serving.generation, self.serving.digest)
            notifier = self._running.notifier
            notifier.reloading()
            remark = ", the last reload failed"
            try:
                outcome = await self._reload(why, is_asked)
                remark = ", the last reload was refused" if outcome.result == "refused" else ""
            finally:
                notifier.ready(f"generation {self.serving.generation} is served{remark}")
            return outcome

    async def _reload(self, why: str, is_asked: bool) -> Outcome:
        snapshot = await self._load(why)
        if isinstance(snapshot, Outcome):
            return snapshot
        now = self.serving
        if snapshot.digest == now.digest:
            self._journal.say(f"{why}, generation {now.generation} serves that already, and goes on")
            self.results["unchanged"] += 1
            return Outcome("unchanged", now.generation, now.digest)
        if snapshot.digest == self._taken_back and not is_asked:
            problem = "this config was taken back before: SIGHUP or `moongate reload` tries it again"
            return self._refused(why, (_problem(problem),))
        problems = await self._hand_over(snapshot)
        if problems:
            return self._refused(why, problems)
        self._journal.say(f"generation {snapshot.generation} is served ({why})")
        self.results["served"] += 1
        if snapshot.digest == self._taken_back:
            self._taken_back = ""  # somebody insisted: from now on it is judged like any other
        await self._watch_over(snapshot, now)
        return Outcome("served", snapshot.generation, snapshot.digest)

    def targets(self) -> dict[str, list[str]]:
        """The URLs of every service's targets, those behind names in DNS too."""
        found = self._running.discovery.found
        return {
            name: [each.url for each in chain(plan.targets, *(found.get(dns, ()) for dns in plan.names))]
            for name, plan in self.serving.services.items()
        }

    def accounts_age(self) -> float | None:
        """Seconds since accounts was heard; None where no config names it."""
        following = self._running.accounts.following
        return None if following is None else following.age()

    def accounts_questions(self) -> int:
        """How often accounts was asked about one credential."""
        return self._running.accounts.questions

    def key_sets(self) -> dict[str, SourceState]:
        """How it is with the keys of each issuer."""
        return self._running.token_keys.states()

    async def rehearse(self, if_digest: str = "") -> Outcome:
        """What a reload would come to, with everything made ready and nothing changed."""
        async with self._lock:
            now = self.serving
            if if_digest and if_digest != now.digest:
                return Outcome("outdated", now.generation, now.digest)
            try:
                snapshot = await asyncio.to_thread(self._source.load, now.generation + 1)
            except ConfigInvalid as invalid:
                return Outcome("refused", now.generation, now.digest, invalid.problems)
            if snapshot.digest == now.digest:
                return Outcome("unchanged", now.generation, now.digest)
            problems = await self._hand_over(snapshot, is_rehearsal=True)
            if problems:
                return Outcome("refused", now.generation, now.digest, problems)
            return Outcome("ready", snapshot.generation, snapshot.digest)

    async def look_after(self) -> None:
        """Take the last reload back where requests fail since; called once a second."""
        now, outcomes = monotonic(), self._running.supervisor.tally.outcomes
        self._history.note(now, outcomes)
        guard = self._guard
        if guard is None:
            return
        if objection := guard.objection(outcomes):
            await self._take_back(guard, objection)
        elif guard.is_over(now):
            self._guard = self._previous = None

    async def _load(self, why: str) -> Snapshot | Outcome:
        try:
            # In a thread: 10,000 routes take a second, and workers are looked after meanwhile.
            return await asyncio.to_thread(self._source.load, self.serving.generation + 1)
        except ConfigInvalid as invalid:
            return self._refused(why, invalid.problems)
        finally:
            self._watcher.reset(self._source.stamps)

    async def _hand_over(self, snapshot: Snapshot, *, is_rehearsal: bool = False) -> tuple[Problem, ...]:
        """Have everybody serve ``snapshot``; or nobody, and all problems."""
        sockets, supervisor, discovery, accounts, token_keys, admin, _ = self._running
        try:
            accounts.judge(snapshot.accounts)
            token_keys.judge(snapshot.tokens)
            package = package_of(snapshot, sockets)
        except PlaceInvalid as invalid:
            return (_problem(str(invalid)),)
        except OSError as error:
            return (_problem(self._journal.start_failure(error)),)
        try:
            opening = admin.bind(snapshot.admin)
        except OSError as error:
            sockets.discard(package.sockets)
            return (_problem(self._journal.start_failure(error)),)
        await discovery.begin(package.names)
        await token_keys.begin(snapshot.tokens)
        problems = await supervisor.reload(package, is_rehearsal=is_rehearsal)
        if problems or is_rehearsal:
            discovery.abandon()
            token_keys.abandon()
            sockets.discard(package.sockets)
            admin.discard(opening)
            return tuple(map(_problem, problems))
        discovery.keep(package.names)
        token_keys.keep(snapshot.tokens)
        sockets.adopt(package.sockets)
        admin.adopt(opening)
        try:
            await accounts.follow(snapshot.accounts)
        except PlaceInvalid as invalid:  # it could be had a moment ago
            self._journal.say(str(invalid))
        self.serving, self.since = snapshot, wall().isoformat(timespec="seconds")
        self._journal.generation = snapshot.generation
        return ()

    async def _watch_over(self, snapshot: Snapshot, before: Snapshot) -> None:
        self._guard = self._previous = None
        if snapshot.guard is not None:
            await self._running.supervisor.count()
            now, reached = monotonic(), self._running.supervisor.tally.outcomes
            usual = self._history.recent(now - snapshot.guard.window, reached)
            self._guard, self._previous = Guard(snapshot.guard, now, reached, usual), before

    async def _take_back(self, guard: Guard, objection: str) -> None:
        async with self._lock:
            previous, bad = self._previous, self.serving
            if previous is None or guard is not self._guard:
                return  # another reload was faster
            self._guard = self._previous = None
            self._journal.say(f"generation {bad.generation} is taken back: {objection}")
            problems = await self._hand_over(replace(previous, generation=bad.generation + 1))
            for problem in problems:
                self._journal.say(f"it can not be, and goes on: {problem.message}")
            if not problems:
                self._taken_back = bad.digest
                self._journal.say(f"generation {self.serving.generation} is what generation {previous.generation} was")
                self.results["taken_back"] += 1
                self._running.notifier.ready(f"generation {self.serving.generation} is served, the last was taken back")
            self.last_refused = Event(_now(), f"generation {bad.generation}", (_problem(objection), *problems))

    def _refused(self, why: str, problems: tuple[Problem, ...]) -> Outcome:
        now = self.serving
        self._journal.say(f"reload refused, generation {now.generation} goes on")
        self._journal.complain_of(problems)
        self.results["refused"] += 1
        self.last_refused = Event(_now(), why, problems)
        return Outcome("refused", now.generation, now.digest, problems)


def _problem(text: str) -> Problem:
    return Problem(_PROGRAM, 0, 0, text)


def _now() -> str:
    return wall().isoformat(timespec="seconds")
