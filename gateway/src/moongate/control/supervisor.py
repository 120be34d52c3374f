"""All workers: started together, given the same snapshot together, ended together."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final, NamedTuple

from moongate.control.balance import BALANCE_SECONDS, uneven
from moongate.control.child import Child, ChildLost
from moongate.control.slot import Slot
from moongate.control.sockets import of_slot
from moongate.control.tally import Tally, WorkerNow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from moongate.control.sockets import Bound
    from moongate.core.plans import Found, NamePlan
    from moongate.net.tasks import Tasks
    from moongate.upstream.state import TargetState
    from moongate.worker import messages

_KILL_AFTER_SECONDS: Final = 5.0  # beyond the drain's time
_HURRY_SECONDS: Final = 2.0
_NOTHING_FOUND: Final[Found] = {}


class Package(NamedTuple):
    """What is handed to a worker: a pickled Snapshot, so that it is pickled once, and the sockets of its listeners.
    ``names`` are those in it whose targets are found in DNS."""

    generation: int
    snapshot: bytes
    sockets: Bound
    names: tuple[NamePlan, ...] = ()


class Supervisor:
    """Keeps a worker in every slot, and what they serve the same."""

    def __init__(
        self, cpus: Sequence[int | None], tasks: Tasks, say: Callable[[str], None], found: Found = _NOTHING_FOUND
    ) -> None:
        """A slot for each of ``cpus``; None is any. ``found`` is what DNS has behind names, at any time."""
        self.tally = Tally()
        self._slots = [Slot(number, cpu, tasks, say, self.tally) for number, cpu in enumerate(cpus)]
        self._tasks = tasks
        self._lock = asyncio.Lock()  # held while anybody is given something to serve
        self._current: Package | None = None
        self._avoided: list[str] = []
        self._found = found
        self.greet: Callable[[Child], None] = lambda _: None
        """Told of a worker that has started, before it is given anything to serve."""

    @property
    def workers(self) -> list[WorkerNow]:
        """Those that serve, with what they told last."""
        return [
            WorkerNow(slot.number + 1, child.pid, *(_now(child)))
            for slot in self._slots
            if (child := slot.child) is not None
        ]

    @property
    def restarts(self) -> int:
        """How many workers were replaced."""
        return sum(slot.replaced for slot in self._slots)

    @property
    def is_serving(self) -> bool:
        """Whether anybody answers clients: one that leaves does so until it has gone."""
        return any(
            slot.child is not None or any(child.over.done() and not child.ended.done() for child in slot.children)
            for slot in self._slots
        )

    def take_found(self, found: Found) -> None:
        """Tell all workers what changed in DNS."""
        for child in self._children():
            child.take_found(found)

    async def start(self, package: Package) -> list[str]:
        """Start a worker in every slot, and serve; or every problem that kept them from it."""
        started = await asyncio.gather(*(slot.start() for slot in self._slots), return_exceptions=True)
        problems = [_told(slot, error) for slot, error in zip(self._slots, started, strict=True) if _is_error(error)]
        if problems:
            return problems
        for slot, child in zip(self._slots, started, strict=True):
            assert isinstance(child, Child)
            slot.child = child
            self.greet(child)
        problems = await self.reload(package)
        if not problems:
            for slot in self._slots:
                self._tasks.spawn(self._keep(slot))
            if len(self._slots) > 1:
                self._tasks.spawn(self._balance())
        return problems

    async def reload(self, package: Package, *, is_rehearsal: bool = False) -> list[str]:
        """Have all workers serve ``package``; or none of them, and every problem. A rehearsal ends before they do.

        A worker that is lost meanwhile has no say: whoever replaces it is given what the others serve. Where none runs,
        those that are started next serve ``package``.
        """
        async with self._lock:
            serving = [(slot, child) for slot in self._slots if (child := slot.child) is not None]
            answers = await asyncio.gather(*(self._prepare(slot, child, package) for slot, child in serving))
            if not serving:
                answers = [await self._try(package)]
            problems = list(dict.fromkeys(problem for each in answers for problem in each.problems))
            if not problems and all(each.lost for each in answers):
                problems = [each.lost for each in answers]
            if problems or is_rehearsal:
                for _, child in serving:
                    child.abandon()
                return problems
            self._current = package
            await asyncio.gather(*(_commit(child, each) for (_, child), each in zip(serving, answers, strict=False)))
            return []

    def tell(self, order: messages.Order) -> None:
        """Tell all workers, also those that finish what they began."""
        for child in self._children():
            child.tell(order)

    async def count(self) -> None:
        """Once every worker has told what it counted, or is found not to."""
        await asyncio.gather(*(child.count() for child in self._children()), return_exceptions=True)

    async def inspect(self) -> list[TargetState]:
        """How every target does, as each worker that serves has it."""
        serving = [slot.child for slot in self._slots if slot.child is not None]
        answers = await asyncio.gather(*(child.inspect() for child in serving), return_exceptions=True)
        return [state for each in answers if not isinstance(each, BaseException) for state in each]

    def avoid(self, targets: Sequence[str]) -> None:
        """Have all workers, those to come too, send nothing new to these targets, by URL."""
        self._avoided = list(targets)
        for child in self._children():
            child.avoid(self._avoided)

    def retire(self, number: int) -> bool:
        """Have the worker of this number, counted from 1, drain, and another one take its place; False where none
        serves there."""
        child = self._slots[number - 1].child if 0 < number <= len(self._slots) else None
        if child is not None:
            child.retire()
        return child is not None

    async def stop(self, hurry: asyncio.Event, drain_seconds: float, *, has_notice: bool = True) -> None:
        """Have all workers drain, which takes ``drain_seconds`` at the most, and end; at once when ``hurry`` is set."""
        for slot in self._slots:
            slot.is_stopping = True
        for child in self._children():
            child.drain(has_notice=has_notice)
        await self._until_ended(drain_seconds + _KILL_AFTER_SECONDS, hurry)
        for child in self._children():
            child.drain(at_once=True)
        await self._until_ended(_HURRY_SECONDS, asyncio.Event())
        for child in self._children():
            child.kill()
        await asyncio.gather(*(child.ended for child in self._children()))

    async def _keep(self, slot: Slot) -> None:
        await slot.keep(self._install)

    async def _balance(self) -> None:
        while True:
            await asyncio.sleep(BALANCE_SECONDS)
            async with self._lock:  # a connection must not come from a generation to the one before
                with contextlib.suppress(ChildLost, OSError):  # lost meanwhile, or no descriptors are left: later then
                    await self._even_out()

    async def _even_out(self) -> None:
        serving = [slot.child for slot in self._slots if slot.child is not None and not slot.child.over.done()]
        answers = await asyncio.gather(*(child.count() for child in serving), return_exceptions=True)
        able = [child for child, error in zip(serving, answers, strict=True) if error is None]
        move = uneven([_now(child)[1] for child in able])
        if move is not None:
            sockets = await able[move.giver].hand_over(move.size)
            try:
                able[move.taker].take_over(sockets)
            finally:
                for sock in sockets:
                    sock.close()

    async def _install(self, slot: Slot, child: Child) -> None:
        async with self._lock:
            package = self._current
            assert package is not None, "slots are kept once something is served"
            self.greet(child)
            child.take_found(self._found)
            problems = await child.prepare(package.snapshot, of_slot(package.sockets, slot.number))
            if problems:
                raise ChildLost("; ".join(problems))
            child.avoid(self._avoided)
            await child.commit()
            slot.child = child
        slot.tell(child, f"takes its place and serves generation {package.generation}")

    async def _prepare(self, slot: Slot, child: Child, package: Package) -> _Answer:
        # ``slot`` may have noticed that its worker ended, and have none at present.
        child.take_found(self._found)
        try:
            return _Answer(await child.prepare(package.snapshot, of_slot(package.sockets, slot.number)))
        except ChildLost as lost:
            return _Answer(lost=_told(slot, lost))
        except OSError as error:
            return _Answer([_told(slot, f"can not be handed its listeners: {error.strerror}")])

    async def _try(self, package: Package) -> _Answer:
        """What a worker says to ``package`` that is started for this alone, where none serves. They may be dying of the
        config before, or not start with it any more: what mends that must not wait for them."""
        slot = self._slots[0]
        try:
            child = await slot.start()
        except (ChildLost, OSError) as error:
            return _Answer(lost=_told(slot, error))
        self.greet(child)
        try:
            return await self._prepare(slot, child, package)
        finally:
            child.kill()

    def _children(self) -> list[Child]:
        return [child for slot in self._slots for child in slot.children]

    async def _until_ended(self, seconds: float, hurry: asyncio.Event) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._children() and not hurry.is_set():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(hurry.wait(), 0.02)


def _now(child: Child) -> tuple[int, int]:
    last = child.last_counted
    return (last.in_flight, last.connections) if last is not None else (0, 0)


class _Answer(NamedTuple):
    """Ready, where there is neither a problem nor a reason why the worker was lost."""

    problems: Sequence[str] = ()
    lost: str = ""


async def _commit(child: Child, answer: _Answer) -> None:
    """Have it serve what it prepared. One that lives and did not say that it did so would serve the config before for
    ever: it leaves, and somebody else takes its place."""
    with contextlib.suppress(ChildLost):
        if not answer.lost:
            await child.commit()
            return
    child.retire()


def _is_error(result: Child | BaseException) -> bool:
    return isinstance(result, BaseException)


def _told(slot: Slot, error: object) -> str:
    return f"worker {slot.number + 1} {error}"
