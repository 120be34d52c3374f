"""One worker process as control sees it."""

from __future__ import annotations

import asyncio
import itertools
import signal
import socket
import sys
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from moongate.core.clock import monotonic
from moongate.worker import messages
from moongate.worker.channel import Channel

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable, Sequence

    from moongate.control.tally import Tally
    from moongate.core.plans import Found
    from moongate.net.tasks import Tasks
    from moongate.upstream.state import TargetState

PING_SECONDS: Final = 1.0
PINGS_PER_COUNT: Final = 10  # one of so many asks for all that was counted, as does each look at metrics
MAX_SILENT_PINGS: Final = 5
START_SECONDS: Final = 30.0  # imports take 0.3 s; a machine that is busy with something else takes its time
ANSWER_SECONDS: Final = 10.0
GLANCE_SECONDS: Final = 1.0  # somebody who looks at metrics does not wait for a worker that stands still
_EOF_SECONDS: Final = 2.0  # between the end of a channel and the end of its process


_Answered: TypeAlias = "tuple[messages.Report, list[socket.socket]]"


class ChildLost(Exception):  # noqa: N818 - what happened
    """A worker that does not serve, or serves no longer; says why."""


class Child:
    """A started worker. ``over`` is done when it takes no more connections, ``ended`` when its process is gone; both
    say why, in words that follow "worker 1"."""

    def __init__(self, process: Process, channel: Channel[messages.Report], tasks: Tasks, tally: Tally) -> None:
        loop = asyncio.get_running_loop()
        self._process = process
        self._channel = channel
        self._tasks = tasks
        self._tally = tally
        self._tickets = itertools.count(1)
        self._answers: dict[int, asyncio.Future[_Answered]] = {}
        self._started: asyncio.Future[None] = loop.create_future()
        self._silent_pings = 0
        self._said = ""  # why it was killed, where it was
        self.over: asyncio.Future[str] = loop.create_future()
        self.ended: asyncio.Future[str] = loop.create_future()
        self.born = monotonic()
        self.pid = process.pid
        self.heard: Callable[[messages.Question], None] = lambda _: None
        self.last_counted: messages.Counted | None = None
        channel.received = self._received
        channel.lost = self._lost
        tasks.spawn(self._wait())

    async def started(self) -> None:
        """Once it runs. Raises ChildLost."""
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._started
        except TimeoutError:
            raise ChildLost(f"did not start within {START_SECONDS:g} s") from None
        self._tasks.spawn(self._ping())

    async def prepare(self, snapshot: bytes, sockets: Sequence[socket.socket]) -> list[str]:
        """Have it make ready; every problem that it has with that. Raises ChildLost."""
        answer, _ = await self._ask(lambda ticket: messages.Prepare(ticket, snapshot), sockets, seconds=ANSWER_SECONDS)
        return answer.problems if isinstance(answer, messages.Prepared) else []

    async def commit(self) -> None:
        """Have it serve what it prepared. Raises ChildLost."""
        await self._ask(messages.Commit, seconds=ANSWER_SECONDS)

    def take_found(self, found: Found) -> None:
        """Tell it what DNS has behind names."""
        if found:
            self._channel.send(messages.Found(list(found.items())))

    async def count(self) -> None:
        """Once what it counted so far is told. Raises ChildLost."""
        await self._ask(messages.Count, seconds=GLANCE_SECONDS)

    async def inspect(self) -> list[TargetState]:
        """How its targets are doing. Raises ChildLost."""
        answer, _ = await self._ask(messages.Inspect, seconds=GLANCE_SECONDS)
        return answer.targets if isinstance(answer, messages.Inspected) else []

    async def hand_over(self, count: int) -> list[socket.socket]:
        """The sockets of up to ``count`` of its connections on which nothing is going on, which it has no longer.
        Raises ChildLost."""
        _, sockets = await self._ask(lambda ticket: messages.HandOver(ticket, count), seconds=GLANCE_SECONDS)
        return sockets

    def take_over(self, sockets: Sequence[socket.socket]) -> None:
        """Have it go on with the connections that another one gave; ``sockets`` stay the caller's."""
        self._channel.send(messages.TakeOver(), sockets)

    def avoid(self, targets: Sequence[str]) -> None:
        """Have it send nothing new to these targets, by URL."""
        self._channel.send(messages.Avoid(list(targets)))

    def abandon(self) -> None:
        self._channel.send(messages.Abandon())

    def drain(self, *, at_once: bool = False, has_notice: bool = True) -> None:
        """Have it finish what runs, unless ``at_once``, and end."""
        self._channel.send(messages.Drain(at_once, has_notice))

    def retire(self) -> None:
        """Have it finish what runs and end, while somebody else takes its place."""
        if not self.over.done():
            self.over.set_result("was told to end")
        self.drain()

    def tell(self, order: messages.Order) -> None:
        """Something that asks for no answer."""
        self._channel.send(order)

    def kill(self, why: str = "") -> None:
        """End it now, whatever it does."""
        self._said = self._said or why
        if self._process.returncode is None:
            self._process.kill()

    async def _ask(
        self,
        question: Callable[[int], messages.Message],
        sockets: Sequence[socket.socket] = (),
        *,
        seconds: float,
    ) -> _Answered:
        if self.ended.done():
            raise ChildLost(self.ended.result())
        ticket = next(self._tickets)
        answer: asyncio.Future[_Answered] = asyncio.get_running_loop().create_future()
        self._answers[ticket] = answer
        try:
            self._channel.send(question(ticket), sockets)
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError:
            raise ChildLost(f"did not answer within {seconds:g} s") from None
        finally:
            del self._answers[ticket]

    def _received(self, report: messages.Report, sockets: list[socket.socket]) -> None:
        if isinstance(report, messages.Counted):
            self.last_counted = report
            self._tally.add(report)
        if isinstance(report, messages.Answer):
            self._silent_pings = 0  # not by what it asks: who asks need not obey any more
            answer = self._answers.get(report.ticket)
            if answer is not None and not answer.done():
                answer.set_result((report, sockets))
            else:
                for sock in sockets:  # nobody waits for them any more
                    sock.close()
        elif isinstance(report, messages.Started):
            if not self._started.done():
                self._started.set_result(None)
        elif isinstance(report, messages.Question):
            self.heard(report)
        elif isinstance(report, messages.Leaving) and not self.over.done():
            self.over.set_result("was told to end")

    def _lost(self) -> None:
        # As a rule it is dying. Where it only closed its end, nobody could ever speak to it again.
        asyncio.get_running_loop().call_later(_EOF_SECONDS, self.kill)

    async def _ping(self) -> None:
        # Counted in pings, not in seconds: when it is control that stood still, nobody was asked.
        for number in itertools.count():
            if self.ended.done():
                return
            if self._silent_pings >= MAX_SILENT_PINGS:
                self.kill(f"did not answer for {MAX_SILENT_PINGS * PING_SECONDS:g} s and was killed")
                return
            self._silent_pings += 1
            self._channel.send(messages.Count(0, is_whole=number % PINGS_PER_COUNT == 0))
            await asyncio.sleep(PING_SECONDS)

    async def _wait(self) -> None:
        why = self._said_or(await self._process.wait())
        self._channel.hear_rest()  # its last counts
        self._channel.close()
        self.ended.set_result(why)
        if not self.over.done():
            self.over.set_result(why)
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ChildLost(why))
        if not self._started.done():
            self._started.set_exception(ChildLost(why))

    def _said_or(self, status: int) -> str:
        if self._said:
            return self._said
        if status >= 0:
            return f"ended with status {status}"
        return f"was killed by {signal.Signals(-status).name}"


async def start_child(cpu: int | None, tasks: Tasks, tally: Tally) -> Child:
    """A new worker process. ``cpu`` is the only one that it may use; None leaves it all. ``tally`` is given what it
    counts."""
    ours, theirs = socket.socketpair()
    with theirs:
        birth = msgspec.json.encode(messages.Birth(theirs.fileno(), cpu)).decode()
        # -P: nothing in the working directory is taken for a module.
        command = (sys.executable, "-P", "-m", "moongate.worker", birth)
        signal.pthread_sigmask(signal.SIG_BLOCK, messages.IGNORED_SIGNALS)
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, pass_fds=(theirs.fileno(),)
            )
        except BaseException:
            ours.close()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, messages.IGNORED_SIGNALS)
    channel = Channel(asyncio.get_running_loop(), ours, msgspec.msgpack.Decoder(messages.Report))
    return Child(process, channel, tasks, tally)
