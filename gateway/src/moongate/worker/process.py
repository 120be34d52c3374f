"""A worker in a process of its own: does what control says, and ends when control does.

It is handed compiled snapshots, so it reads no config and imports nothing that does. Control compiles once for all of
them: what every worker serves is the same to the octet, and the compiler's 20 MB are needed once.
"""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import signal
import socket
from typing import TYPE_CHECKING

import msgspec
import uvloop

from moongate.worker import messages
from moongate.worker.channel import Channel
from moongate.worker.files import raise_file_limit
from moongate.worker.messages import IGNORED_SIGNALS
from moongate.worker.replica_link import ReplicaLink
from moongate.worker.serving import Unready, Worker
from moongate.worker.token_link import TokenLink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moongate.compile import Snapshot
    from moongate.worker.serving import Ready


def main(argument: str) -> int:
    """Serve until control, or a signal, says otherwise; returns the exit status. ``argument`` is a Birth in JSON."""
    birth = msgspec.json.decode(argument, type=messages.Birth)
    for number in IGNORED_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, IGNORED_SIGNALS)
    if birth.cpu is not None:
        os.sched_setaffinity(0, (birth.cpu,))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(socket.socket(fileno=birth.channel)))


async def _serve(sock: socket.socket) -> int:
    loop = asyncio.get_running_loop()
    worker = Worker(loop, raise_file_limit())
    process = _Process(loop, worker, Channel(loop, sock, msgspec.msgpack.Decoder(messages.Order)))
    worker.tasks.spawn(process.obey())
    await process.stop.wait()
    await worker.drain(process.at_once, has_notice=process.has_notice)
    await worker.close()
    process.say_last_word()
    return 0


class _Process:
    """Control's orders, one after the other."""

    def __init__(self, loop: asyncio.AbstractEventLoop, worker: Worker, channel: Channel[messages.Order]) -> None:
        self._worker = worker
        self._channel = channel
        self._ready: Ready | None = None
        self._is_leaving = False
        self._inbox: asyncio.Queue[tuple[messages.Order, list[socket.socket]]] = asyncio.Queue()
        self.has_notice = True
        self.stop = asyncio.Event()
        self.at_once = asyncio.Event()
        self._replica = ReplicaLink(worker.replica, channel.send)
        self._tokens = TokenLink(worker.key_sets, worker.signing, worker.logins, channel.send)
        worker.replays.asking = lambda mark, created: channel.send(messages.SignatureShown(mark, created))
        channel.received = lambda order, sockets: self._inbox.put_nowait((order, sockets))
        channel.lost = self._orphaned
        loop.add_signal_handler(signal.SIGTERM, self._leave)
        channel.send(messages.Started())

    def say_last_word(self) -> None:
        """What was counted and not asked for yet."""
        self._channel.send(self._worker.counted(0))

    async def obey(self) -> None:
        while True:
            order, sockets = await self._inbox.get()
            if isinstance(order, messages.Count):
                self._channel.send(self._worker.counted(order.ticket, is_whole=order.is_whole))
            elif isinstance(order, messages.Inspect):
                self._channel.send(self._worker.inspected(order.ticket))
            elif isinstance(order, messages.Avoid):
                self._worker.avoid(order.targets)
            elif isinstance(order, messages.HandOver):
                self._hand_over(order)
            elif isinstance(order, messages.TakeOver):
                self._worker.take_over(sockets)
            elif isinstance(order, messages.Prepare):
                self._channel.send(messages.Prepared(order.ticket, self._prepare(order.snapshot, sockets)))
            elif isinstance(order, messages.Commit):
                await self._commit()
                self._channel.send(messages.Committed(order.ticket))
            elif isinstance(order, messages.Abandon):
                self._abandon()
            elif isinstance(order, messages.Found):
                self._worker.take_found(dict(order.targets))
            elif isinstance(order, messages.ReplicaOrder):
                self._replica.obey(order)
            elif isinstance(order, messages.TokenOrder):
                self._tokens.obey(order)
            elif isinstance(order, messages.SignatureJudged):
                self._worker.replays.answered(order.mark, order.is_first)
            else:
                self.has_notice = order.has_notice
                self.stop.set()
                if order.at_once:
                    self.at_once.set()

    def _hand_over(self, order: messages.HandOver) -> None:
        sockets = self._worker.hand_over(order.count)
        try:
            self._channel.send(messages.HandedOver(order.ticket), sockets)
        except OSError:  # no descriptors are left to send them with
            self._channel.send(messages.HandedOver(order.ticket))
            self._worker.take_over(sockets)
        else:
            for sock in sockets:
                sock.close()

    def _prepare(self, pickled: bytes, sockets: Sequence[socket.socket]) -> list[str]:
        self._abandon()
        gc.disable()  # half a million new objects would be walked through again and again, and all of them stay
        try:
            # From control alone, over a socket pair: nobody else can write there.
            snapshot: Snapshot = pickle.loads(pickled)  # noqa: S301
        finally:
            gc.enable()
        try:
            self._ready = self._worker.prepare(snapshot, sockets)
        except Unready as unready:
            return unready.problems
        return []

    async def _commit(self) -> None:
        ready, self._ready = self._ready, None
        if ready is not None and not self.stop.is_set():
            await self._worker.commit(ready)

    def _abandon(self) -> None:
        ready, self._ready = self._ready, None
        if ready is not None:
            self._worker.abandon(ready)

    def _orphaned(self) -> None:
        """Control is dead: nobody would ever end this process, and nobody says that it is leaving."""
        self.has_notice = False
        self.stop.set()

    def _leave(self) -> None:
        """SIGTERM. It may have been sent to the whole group, and control's order to drain is then the same wish."""
        if self._is_leaving:
            self.at_once.set()
        self._is_leaving = True
        self._channel.send(messages.Leaving())
        self.stop.set()
