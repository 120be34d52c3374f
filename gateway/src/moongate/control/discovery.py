"""Targets that are found in DNS: looked up again whenever an answer runs out, for as long as a config names them.

A name that is not answered for keeps the targets that it had last: a mishap of DNS must not become an outage of what it
points to, and targets that are really gone refuse connections and are passed over.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from moongate.control.lookup import LookupFailed
    from moongate.core.plans import Found, NamePlan, TargetPlan
    from moongate.net.tasks import Tasks

FLOOR_SECONDS: Final = 1.0  # a TTL of 0 would be a question for each request
CEILING_SECONDS: Final = 86400.0
RETRY_SECONDS: Final = (1.0, 30.0)  # after the first failure in a row, doubled up to the second
FIRST_SECONDS: Final = 3.0  # that a start or a reload waits for the first answers
_MAX_SHOWN: Final = 8


class Discovery:
    """Follows names. ``found`` is what is known at present, and ``take`` is told of every change."""

    def __init__(self, tasks: Tasks, say: Callable[[str], None]) -> None:
        self.found: dict[NamePlan, tuple[TargetPlan, ...]] = {}
        self.take: Callable[[Found], None] = _ignore
        self._tasks = tasks
        self._say = say
        self._followers: dict[NamePlan, _Follower] = {}
        self._kept: frozenset[NamePlan] = frozenset()

    async def begin(self, names: Iterable[NamePlan]) -> None:
        """Follow these as well. Waits for the first answer of each, but not for long: one name that nobody answers for
        must not keep a gateway from serving everything else."""
        new = [name for name in dict.fromkeys(names) if name not in self._followers]
        for name in new:
            follower = self._followers[name] = _Follower(name, self)
            self._tasks.spawn(follower.run())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_SECONDS):
                for name in new:
                    await self._followers[name].answered.wait()

    def keep(self, names: Iterable[NamePlan]) -> None:
        """Follow these alone, which were begun: they are served from now on."""
        self._kept = frozenset(names)
        self.abandon()

    def abandon(self) -> None:
        """What was begun and not kept is not wanted."""
        for name in self._followers.keys() - self._kept:
            self._followers.pop(name).stopped.set()
            self.found.pop(name, None)

    def tell(self, name: NamePlan, text: str) -> None:
        self._say(f"{name.host} {text}")

    def learn(self, name: NamePlan, targets: tuple[TargetPlan, ...]) -> None:
        """``name`` has these targets now."""
        if self.found.get(name) != targets:
            self.found[name] = targets
            self.take({name: targets})
            self.tell(name, f"has {_listed(targets)}")


class _Follower:
    """One name, looked up until it is ``stopped``. ``answered`` is set by the first answer, or failure."""

    def __init__(self, name: NamePlan, discovery: Discovery) -> None:
        from moongate.control.lookup import Lookup  # 2.7 MiB, for whoever has names in his config

        self._name = name
        self._discovery = discovery
        self._lookup = Lookup(name)
        self._failures = 0
        self.answered = asyncio.Event()
        self.stopped = asyncio.Event()

    async def run(self) -> None:
        while not self.stopped.is_set():
            seconds = await self._look()
            self.answered.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopped.wait(), seconds)

    async def _look(self) -> float:
        """How long to wait until the next time."""
        from moongate.control.lookup import LookupFailed

        try:
            answer = await self._lookup.ask()
        except LookupFailed as failed:
            return self._failed(failed)
        if self.stopped.is_set():
            return 0.0
        if self._failures:
            self._failures = 0
            self._discovery.tell(self._name, "is answered for again")
        self._discovery.learn(self._name, answer.targets)
        return min(max(answer.seconds, FLOOR_SECONDS), CEILING_SECONDS)

    def _failed(self, failed: LookupFailed) -> float:
        if not self._failures and not self.stopped.is_set():
            last = self._discovery.found.get(self._name)
            then = f"its last {len(last)} stay" if last else "no target is known until it is answered for"
            self._discovery.tell(self._name, f"{failed}: {then}")
        first, most = RETRY_SECONDS
        seconds = min(first * 2.0 ** min(self._failures, 16), most)
        self._failures += 1
        return seconds


def _listed(targets: tuple[TargetPlan, ...]) -> str:
    shown = ", ".join(target.url.partition("://")[2] for target in targets[:_MAX_SHOWN])
    more = f" and {len(targets) - _MAX_SHOWN} more" if len(targets) > _MAX_SHOWN else ""
    return f"{len(targets)} target{'s' if len(targets) > 1 else ''} in DNS: {shown}{more}"


def _ignore(_found: Found) -> None:
    """Nobody listens yet."""
