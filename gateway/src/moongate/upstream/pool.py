"""One target's connections: leased, idle, being dialled, and the exchanges that wait for one.

Decisions are made here without waiting: ``lease`` hands out an idle connection at once or queues the exchange and
dials. Whatever becomes free first, a connection given back or one freshly dialled, goes to whoever waits longest.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from moongate.core import limits
from moongate.core.errors import OVERLOADED, Failure, MessageRefused
from moongate.net.client import ClientConnection
from moongate.net.dial import dial
from moongate.net.wheel import TICK_SECONDS, Wheel, ticks
from moongate.upstream.state import TargetState

if TYPE_CHECKING:
    from moongate.core.plans import TargetPlan, TimeoutsPlan
    from moongate.core.ports import Upstream, UpstreamEvents
    from moongate.net.tasks import Tasks
    from moongate.net.tls import ServiceTls
    from moongate.net.turn import Turn

_IDLE_TICKS: Final = int(limits.UPSTREAM_IDLE_SECONDS / TICK_SECONDS)
_FLOOR_TICKS: Final = max(1, int(limits.UPSTREAM_IDLE_FLOOR_SECONDS / TICK_SECONDS))
# A target that closes an idle connection sooner than this is restarting, not enforcing a limit worth learning.
_LEARN_FROM_TICKS: Final = ticks(1.0)
_LEARNED_FOR_TICKS: Final = ticks(600.0)


class Settings(NamedTuple):
    """What the targets of one service have in common. ``tls`` None where none of them is https."""

    timeouts: TimeoutsPlan
    tls: ServiceTls | None


class TargetPool:
    """The live state of one target of one service; snapshots that both name it share it."""

    __slots__ = (
        "_dialling",
        "_idle",
        "_idle_ticks",
        "_learned_until",
        "_plan",
        "_redoing",
        "_settings",
        "_stalled",
        "_tasks",
        "_total",
        "_turn",
        "_waiting",
        "_wheel",
        "body_ticks",
        "failures",
        "head_ticks",
        "is_up",
        "url",
    )

    def __init__(self, plan: TargetPlan, settings: Settings, wheel: Wheel, tasks: Tasks, turn: Turn) -> None:
        self._plan = plan
        self._wheel = wheel
        self._turn = turn
        self._tasks = tasks
        self._idle: list[ClientConnection] = []  # the last one in is the first one out: the rest may age and close
        self._waiting: deque[UpstreamEvents] = deque()
        self._redoing: deque[UpstreamEvents] = deque()  # wait too, for a fresh connection
        self._total = 0  # connections that exist or are being dialled
        self._dialling = 0  # how many of them are not there yet
        self._stalled = 0  # and how many wait for a slow client, or are streams
        self._idle_ticks = _IDLE_TICKS
        self._learned_until = 0
        self.failures = 0
        self.is_up: bool | None = None  # what the last dial came to
        self.adopt(plan, settings)

    def __repr__(self) -> str:
        return f"<TargetPool {self.url} total={self._total} idle={len(self._idle)} waiting={self._waiters}>"

    @property
    def authority(self) -> bytes:
        """The Host field for a client that sent none."""
        return self._plan.url.partition("://")[2].encode("ascii")

    @property
    def idle_seconds(self) -> float:
        """How long an idle connection is kept at present."""
        return self._idle_ticks * TICK_SECONDS

    def state(self, service: str) -> TargetState:
        """How it is doing, as a target of ``service``."""
        idle, connections = len(self._idle), self._total - self._dialling
        return TargetState(
            service, self.url, connections, idle, connections - idle, self._waiters, self.failures, self.is_up
        )

    def adopt(self, plan: TargetPlan, settings: Settings) -> None:
        """A new snapshot names this target: its settings hold from now on, its connections stay."""
        self._plan = plan
        self.url = plan.url
        self._settings = settings
        self.head_ticks = ticks(settings.timeouts.response_head)
        self.body_ticks = ticks(settings.timeouts.body_idle)

    def lease(self, exchange: UpstreamEvents, *, is_redo: bool = False) -> Upstream | None:
        """A connection at once; or None, and ``exchange`` hears ``upstream_ready`` or ``upstream_failed`` later.

        A redo is given none that carried a request before: a service that closes after each answer without saying so
        would kill the second try like the first. Raises MessageRefused (OVERLOADED) where too many wait already.
        """
        idle = self._idle
        while idle and not is_redo:
            connection = idle.pop()
            if not connection.is_closing():
                return connection
        if self._waiters >= limits.POOL_QUEUE:
            self._drop_gone()
            if self._waiters >= limits.POOL_QUEUE:
                raise MessageRefused(OVERLOADED, "pool_queue_full")
        (self._redoing if is_redo else self._waiting).append(exchange)
        if self._has_room:
            self._begin_dial()
        return None

    @property
    def _has_room(self) -> bool:
        """What is stalled gives the service nothing to do, and must not shut others out: 256 slow readers, or so many
        WebSockets, would. How many there can be is bounded by the exchanges in flight."""
        return self._total - self._stalled < limits.POOL_TOTAL

    def count_stalled(self, is_stalled: bool) -> None:
        """One connection more, or less, waits for its client."""
        if is_stalled:
            self._stalled += 1
            self._dial_for_waiting()
        else:
            self._stalled -= 1

    def take_back(self, connection: ClientConnection, idle_seconds: int) -> None:
        """``connection`` is free and fit for another request."""
        if idle_seconds:
            self._learn(max(_FLOOR_TICKS, int((idle_seconds - 1) / TICK_SECONDS)))
        if self._waiting or self._redoing or self._learned_until or len(self._idle) >= limits.POOL_IDLE:
            self._offer(connection)
            return
        self._idle.append(connection)
        connection.due = due = self._wheel.now + self._idle_ticks
        if due < connection.queued:
            self._wheel.queue(connection, due)

    def forget(self, connection: ClientConnection) -> None:
        """``connection`` is closed, by whichever side."""
        self._total -= 1
        if connection in self._idle:
            self._idle.remove(connection)
            idle_for = self._wheel.now - connection.idle_since
            if _LEARN_FROM_TICKS <= idle_for < self._idle_ticks:
                self._learn(max(_FLOOR_TICKS, idle_for * 3 // 4))
        self._dial_for_waiting()

    def discard_idle(self) -> None:
        """Close every idle connection: one of them proved dead, and they share its fate as a rule."""
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @property
    def _waiters(self) -> int:
        return len(self._waiting) + len(self._redoing)

    def _next_waiting(self, *, is_fresh: bool) -> UpstreamEvents | None:
        """Who is given a connection, or told that there is none, next."""
        for queue in (self._redoing, self._waiting) if is_fresh else (self._waiting,):
            while queue:
                exchange = queue.popleft()
                if exchange.is_waiting:
                    return exchange
        return None

    def _offer(self, connection: ClientConnection) -> None:
        if self._waiting or self._redoing:
            exchange = self._next_waiting(is_fresh=not connection.is_reused)
            if exchange is not None:
                exchange.upstream_ready(connection)
                return
        if len(self._idle) >= limits.POOL_IDLE:
            connection.close()
            return
        if self._learned_until and self._wheel.now > self._learned_until:
            self._learned_until, self._idle_ticks = 0, _IDLE_TICKS
        self._idle.append(connection)
        self._wheel.arm(connection, self._idle_ticks)

    def _learn(self, idle_ticks: int) -> None:
        if idle_ticks < self._idle_ticks:
            self._idle_ticks = idle_ticks
        if idle_ticks < _IDLE_TICKS:
            self._learned_until = self._wheel.now + _LEARNED_FOR_TICKS

    def _drop_gone(self) -> None:
        self._waiting = deque(exchange for exchange in self._waiting if exchange.is_waiting)
        self._redoing = deque(exchange for exchange in self._redoing if exchange.is_waiting)

    def _dial_for_waiting(self) -> None:
        if self._waiters and self._has_room:
            self._drop_gone()
            if self._dialling < self._waiters:
                self._begin_dial()

    def _begin_dial(self) -> None:
        self._total += 1
        self._dialling += 1
        self._tasks.spawn(self._dial())

    async def _dial(self) -> None:
        try:
            connection = await dial(
                self._plan, self._settings.tls, self._make_connection, self._settings.timeouts.connect
            )
        except MessageRefused as refused:
            self.is_up = False
            self.failures += 1
            self._forget_dial()
            self._fail_one(refused.failure, refused.reason)
            self._dial_for_waiting()
            return
        except BaseException:
            self._forget_dial()
            raise
        self._dialling -= 1
        self.is_up = True
        self._offer(connection)

    def _forget_dial(self) -> None:
        self._total -= 1
        self._dialling -= 1

    def _make_connection(self) -> ClientConnection:
        return ClientConnection(self, self._wheel, self._turn)

    def _fail_one(self, failure: Failure, reason: str) -> None:
        exchange = self._next_waiting(is_fresh=True)
        if exchange is not None:
            exchange.upstream_failed(failure, reason)
