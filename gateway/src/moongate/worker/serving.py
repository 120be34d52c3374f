"""One event loop's gateway: what it serves, and how one snapshot follows another.

A snapshot is prepared, which makes everything that can fail and changes nothing that runs, and then committed, which
can not fail: one pointer moves, and exchanges that have begun keep what they began with.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from time import process_time
from typing import TYPE_CHECKING, NamedTuple

from moongate.compile import Snapshot
from moongate.core import limits
from moongate.filters import Tools
from moongate.net.server import Server
from moongate.net.tasks import Tasks
from moongate.net.tls import ListenerTls, TlsInvalid
from moongate.net.turn import Turn
from moongate.net.wheel import Wheel
from moongate.observe.metrics import Metrics
from moongate.proxy.engine import Engine, Live
from moongate.proxy.fetching import Fetcher
from moongate.routing import Router
from moongate.stores.key_sets import KeySets
from moongate.stores.logins import Logins
from moongate.stores.passwords import Passwords
from moongate.stores.replays import Replays
from moongate.stores.replica import Replica
from moongate.stores.signing import Signing
from moongate.upstream.service import Services
from moongate.worker.door_keys import DoorKey, door_keys
from moongate.worker.doors import Door
from moongate.worker.files import connections_within
from moongate.worker.log_file import LogFile
from moongate.worker.messages import Counted, Inspected
from moongate.worker.own_paths import own_paths
from moongate.worker.timing import Every

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Mapping, Sequence

    from moongate.compile import RoutePlan
    from moongate.core.plans import Found
    from moongate.filters import Filter, FilterPlan
    from moongate.upstream.service import Prepared

_NOTHING = Snapshot(generation=0, digest="", listeners=(), services={}, routes=(), router=Router(()), access_log=None)


class Unready(Exception):  # noqa: N818 - a verdict about somebody's files
    """A snapshot that can not be served here; ``problems`` is a line for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class Ready(NamedTuple):
    """A snapshot with all that serving it needs. ``doors`` and ``tls`` are one for each of its listeners."""

    snapshot: Snapshot
    services: Prepared
    doors: dict[DoorKey, Door]
    tls: list[ListenerTls | None]
    log: LogFile
    chains: Mapping[str, tuple[Filter, ...]]


class Worker:
    """Serves what was committed last; nothing at first."""

    def __init__(self, loop: asyncio.AbstractEventLoop, files: int) -> None:
        """``files`` is how many files the process may open."""
        self._loop = loop
        self._files = files
        self._wheel, self.tasks = Wheel(loop), Tasks()
        self.replica = Replica()  # what the control process knows of accounts,
        self.key_sets, self.signing = KeySets(), Signing()  # what it keeps of keys,
        self.logins = Logins()  # what it knows of providers at which people log in,
        self.replays = Replays()  # and what was signed before
        self._services = Services(self._wheel, self.tasks, Turn(loop))
        self._engine = Engine(Live(_NOTHING, {}), loop, self._wheel, None, self.tasks)
        self._tools = Tools(
            key_sets=self.key_sets,
            signing=self.signing,
            passwords=Passwords(),
            replays=self.replays,
            fetching=Fetcher(),
            logins=self.logins,
        )
        self._server = Server(loop, self._wheel, self._engine)
        self._doors: dict[DoorKey, Door] = {}
        self._log = LogFile(None)
        self._metrics = Metrics()
        self._engine.observer = self._metrics
        self.replica.heard = self._engine.lasting.judge
        self._cpu_seconds = 0.0
        self._wheel.start()
        self._regular = (
            Every(loop, limits.LOG_FLUSH_SECONDS, lambda: self._log.flush()),
            Every(loop, limits.CERTIFICATE_CHECK_SECONDS, self._refresh_certificates),
            Every(loop, limits.KEY_USE_SECONDS, self.replica.report_used),
        )

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """(host, port) of every listener."""
        return [door.address for door in self._doors.values()]

    def prepare(self, snapshot: Snapshot, sockets: Sequence[socket.socket]) -> Ready:
        """Make all that ``snapshot`` needs. ``sockets`` are its listeners', bound; those that are there already are
        closed. Raises Unready with every problem, and closes them all."""
        problems: list[str] = []
        doors = self._meet(door_keys(snapshot.listeners), sockets)
        tls: list[ListenerTls | None] = []
        for door, plan in zip(doors.values(), snapshot.listeners, strict=True):
            try:
                tls.append(door.prepare(plan.tls))
            except TlsInvalid as error:
                problems.append(str(error))
        services = log = None
        try:
            services = self._services.prepare(snapshot.services)
        except TlsInvalid as error:
            problems.append(str(error))
        try:
            log = self._log if self._log.where == snapshot.access_log else LogFile(snapshot.access_log)
        except OSError as error:
            problems.append(f"cannot open the access log {snapshot.access_log}: {error.strerror}")
        self._tools.accounts = None if snapshot.accounts is None else self.replica
        chains, unbound = _bound(snapshot.routes, self._tools)
        problems += unbound
        if problems or services is None or log is None:
            self._discard(doors, log)
            raise Unready(list(dict.fromkeys(problems)))
        return Ready(snapshot, services, doors, tls, log, chains)

    def abandon(self, ready: Ready) -> None:
        """What was prepared is not wanted."""
        self._discard(ready.doors, ready.log)

    async def commit(self, ready: Ready) -> None:
        """Serve what was prepared last, from now on."""
        snapshot = ready.snapshot
        own = own_paths(snapshot, self.signing, self.logins, self._tools)
        self._engine.live = Live(snapshot, self._services.adopt(ready.services), ready.chains, own)
        self._set_bounds(snapshot)
        self._take_log(ready.log)
        before, self._doors = self._doors, ready.doors
        if not before:
            gc.collect()
        gc.freeze()  # 10,000 routes are half a million objects that no later collection need visit
        for key, door in before.items():
            if key not in ready.doors:
                door.close()
        for door, plan, tls in zip(ready.doors.values(), snapshot.listeners, ready.tls, strict=True):
            await door.open(self._loop, self._server, plan.tls, tls)
        if self._server.is_draining:  # it was told to, meanwhile
            for door in ready.doors.values():
                door.close()

    def take_found(self, found: Found) -> None:
        """DNS has other targets behind these names."""
        self._services.take(found)

    def counted(self, ticket: int, *, is_whole: bool = True) -> Counted:
        """What happened since the last time, in answer to ``ticket``; unless ``is_whole`` only the sums of it,
        where there is much."""
        is_whole = is_whole or self._metrics.is_short
        outcomes, counts = self._metrics.take() if is_whole else (self._metrics.take_outcomes(), None)
        used, self._cpu_seconds = self._cpu_seconds, process_time()
        return Counted(
            ticket,
            outcomes,
            counts,
            self._cpu_seconds - used,
            self._engine.overload.in_flight,
            len(self._server.connections),
            self.replica.take_stale_serves(),
        )

    def inspected(self, ticket: int) -> Inspected:
        """How every target is doing, in answer to ``ticket``."""
        return Inspected(ticket, self._services.states())

    def avoid(self, targets: Sequence[str]) -> None:
        """Nothing new goes to these targets, by URL."""
        self._services.avoid(targets)

    def hand_over(self, count: int) -> list[socket.socket]:
        """The sockets of up to ``count`` idle connections, for another worker."""
        return self._server.hand_over(count)

    def take_over(self, sockets: Sequence[socket.socket]) -> None:
        """Go on with what was another worker's."""
        for sock in sockets:
            if self._server.is_draining:
                sock.close()
            else:
                self.tasks.spawn(self._server.take_over(sock))

    async def drain(self, at_once: asyncio.Event, *, has_notice: bool = True) -> None:
        """Leave without closing a connection under a request that is being sent: until the end of the notice everybody
        is let in and answered, and told by the answer that it is the last one on its connection. Then nobody is let in,
        idle connections close, and running exchanges have the drain's time. All of it only until told ``at_once``."""
        plan = self._engine.live.snapshot.drain
        self._engine.is_draining = True
        if has_notice and plan.notice:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(at_once.wait(), plan.notice)
        self._close_doors()
        self._server.drain()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(plan.timeout):
                while self._server.connections and not at_once.is_set():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(at_once.wait(), 0.05)

    async def close(self) -> None:
        """The end of everything that still runs."""
        for each in self._regular:
            each.stop()
        self._close_doors()  # uvloop never closes with a server open
        self._wheel.stop()
        await self.tasks.cancel()
        for connection in list(self._server.connections):
            connection.abort()
        self.replica.close()
        self._log.close()

    def _meet(self, keys: Sequence[DoorKey], sockets: Sequence[socket.socket]) -> dict[DoorKey, Door]:
        """The doors that have these keys; where there is none yet, one with the socket."""
        doors: dict[DoorKey, Door] = {}
        for key, sock in zip(keys, sockets, strict=True):
            door = self._doors.get(key)
            if door is not None:
                sock.close()
            doors[key] = door or Door(sock)
        return doors

    def _close_doors(self) -> None:
        doors, self._doors = self._doors, {}
        for door in doors.values():
            door.close()

    def _set_bounds(self, snapshot: Snapshot) -> None:
        bounds, admission = snapshot.limits, self._server.admission
        self._engine.overload.cap = bounds.in_flight
        admission.max_connections = min(bounds.connections, connections_within(self._files))
        admission.max_per_address = bounds.connections_per_address

    def _take_log(self, log: LogFile) -> None:
        before, self._log = self._log, log
        self._metrics.then = log.log
        if before is not log and before.log is not None:
            self.tasks.spawn(asyncio.to_thread(before.close))

    def _discard(self, doors: dict[DoorKey, Door], log: LogFile | None) -> None:
        for key, door in doors.items():
            if self._doors.get(key) is not door:
                door.close()
        if log is not None and log is not self._log:
            log.close()

    def _refresh_certificates(self) -> None:
        for door in self._doors.values():
            door.refresh()


def _bound(routes: Iterable[RoutePlan], tools: Tools) -> tuple[dict[str, tuple[Filter, ...]], list[str]]:
    """The filters of each route that has some, and why some can not work here. A filter of several routes is bound
    once."""
    bound: dict[FilterPlan, Filter] = {}
    chains: dict[str, tuple[Filter, ...]] = {}
    problems: list[str] = []
    for route in routes:
        for plan in route.filters:
            if plan not in bound:
                try:
                    bound[plan] = plan.bind(tools)
                except ValueError as error:
                    problems.append(f"route {route.name}: {plan.kind}: {error}")
        if route.filters and not problems:
            chains[route.name] = tuple(bound[plan] for plan in route.filters)
    return chains, problems
