"""A service, alive: which target takes the next request, and whether a retry is affordable."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from moongate.core import limits
from moongate.net.tls import service_tls
from moongate.upstream.pool import Settings, TargetPool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from moongate.core.plans import Found, NamePlan, ServicePlan, ServiceTlsPlan, TargetPlan
    from moongate.net.tasks import Tasks
    from moongate.net.tls import ServiceTls
    from moongate.net.turn import Turn
    from moongate.net.wheel import Wheel
    from moongate.upstream.state import TargetState

_NOTHING_FOUND: Final[Found] = {}


class ServiceState:
    """Round robin over the targets, each as often as its weight says, and the retry budget."""

    __slots__ = (
        "_avoided",
        "_last_resort",
        "_next",
        "_order",
        "_pools",
        "_tasks",
        "_tiers",
        "_turn",
        "_wheel",
        "active",
        "name",
        "only",
        "retrying",
    )

    def __init__(self, name: str, wheel: Wheel, tasks: Tasks, turn: Turn) -> None:
        self.name = name
        self._wheel = wheel
        self._tasks = tasks
        self._turn = turn
        self._pools: dict[tuple[str, int, bool], TargetPool] = {}
        self._tiers: dict[int, list[tuple[TargetPool, int]]] = {}  # by priority, with their weights
        self._avoided: frozenset[str] = frozenset()
        self._order: list[TargetPool] = []  # of the smallest priority
        self._last_resort: list[TargetPool] = []  # of the others, the smaller first
        self._next = 0
        self.only: TargetPool | None = None  # the target, where there is no choice
        self.active = 0  # exchanges that were forwarded and have not ended
        self.retrying = 0

    def __repr__(self) -> str:
        return f"<ServiceState {self.name} active={self.active} retrying={self.retrying} targets={len(self._pools)}>"

    def adopt(self, plan: ServicePlan, tls: ServiceTls | None, found: Found = _NOTHING_FOUND) -> None:
        """The targets of a new snapshot, and those ``found`` behind its names: those there before keep their
        connections, the others lose their idle ones.

        ``tls`` is what ``plan.tls`` says, made; None where no target is https.
        """
        settings = Settings(plan.timeouts, tls)
        before, self._pools = self._pools, {}
        tiers: dict[int, list[tuple[TargetPool, int]]] = {}
        for target in chain(plan.targets, *(found.get(name, ()) for name in plan.names)):
            if target.identity in self._pools:
                continue
            pool = before.pop(target.identity, None)
            if pool is None:
                pool = TargetPool(target, settings, self._wheel, self._tasks, self._turn)
            else:
                pool.adopt(target, settings)
            self._pools[target.identity] = pool
            tiers.setdefault(target.priority, []).append((pool, target.weight))
        for pool in before.values():
            pool.discard_idle()
        self._tiers = tiers
        self._take_turns()

    def avoid(self, urls: frozenset[str]) -> None:
        """Nothing new goes to the targets of these URLs, as long as there are others."""
        if urls != self._avoided:
            self._avoided = urls
            self._take_turns()

    def states(self) -> Iterator[TargetState]:
        """How each target is doing."""
        return (pool.state(self.name) for pool in self._pools.values())

    def _take_turns(self) -> None:
        tiers = self._tiers
        if self._avoided:
            kept = {key: [each for each in tier if each[0].url not in self._avoided] for key, tier in tiers.items()}
            tiers = {key: tier for key, tier in kept.items() if tier} or tiers
        orders = [spread(tiers[priority]) for priority in sorted(tiers)] or [[]]
        self._order, self._last_resort = orders[0], [pool for order in orders[1:] for pool in order]
        self._next %= len(self._order) or 1
        self.only = self._order[0] if len(self._order) == 1 else None
        if tiers is not self._tiers:
            for pool in self._pools.values():
                if pool.url in self._avoided:
                    pool.discard_idle()

    def close(self) -> None:
        """No snapshot names this service any more."""
        for pool in self._pools.values():
            pool.discard_idle()

    def pick(self, refused: TargetPool | None = None) -> TargetPool | None:
        """The target whose turn it is, None where none is known; another than ``refused``, which failed just now, where
        there is one."""
        order = self._order
        for _ in order:
            index = self._next
            self._next = index + 1 if index + 1 < len(order) else 0
            if order[index] is not refused:
                return order[index]
        return next((pool for pool in self._last_resort if pool is not refused), refused)

    def may_retry(self) -> bool:
        """Whether one more retry stays within the budget: a storm of them is how an outage spreads."""
        return self.retrying < max(limits.RETRY_BUDGET_MIN, self.active * limits.RETRY_BUDGET_SHARE)


def spread(weighted: list[tuple[TargetPool, int]]) -> list[TargetPool]:
    """One round of smooth weighted round robin, 2:1 is a b a: each turn goes to whoever is owed most."""
    if all(weight == 1 for _, weight in weighted):
        return [pool for pool, _ in weighted]  # a thousand addresses of one name would take a million steps
    total = sum(weight for _, weight in weighted)
    owed = [0] * len(weighted)
    order = []
    for _ in range(total):
        owed = [credit + weight for credit, (_, weight) in zip(owed, weighted, strict=True)]
        turn = owed.index(max(owed))
        owed[turn] -= total
        order.append(weighted[turn][0])
    return order


class Prepared(NamedTuple):
    """The services of a snapshot to come, and the TLS that they need, made. Nothing that runs has changed yet."""

    plans: Mapping[str, ServicePlan]
    tls: dict[ServiceTlsPlan, ServiceTls]


class Services:
    """Every service of one worker. What two snapshots both name is the same object in both."""

    __slots__ = ("_avoided", "_by_name", "_found", "_plans", "_tasks", "_tls", "_turn", "_wheel")

    def __init__(self, wheel: Wheel, tasks: Tasks, turn: Turn) -> None:
        self._wheel = wheel
        self._tasks = tasks
        self._turn = turn
        self._by_name: dict[str, ServiceState] = {}
        self._tls: dict[ServiceTlsPlan, ServiceTls] = {}
        self._plans: Mapping[str, ServicePlan] = {}
        self._found: dict[NamePlan, tuple[TargetPlan, ...]] = {}
        self._avoided: frozenset[str] = frozenset()

    def prepare(self, plans: Mapping[str, ServicePlan]) -> Prepared:
        """All of adopting ``plans`` that can fail. Raises TlsInvalid where TLS files can not be used."""
        tls: dict[ServiceTlsPlan, ServiceTls] = {}
        for plan in plans.values():
            if plan.tls not in tls and (any(each.tls for each in plan.targets) or any(each.tls for each in plan.names)):
                tls[plan.tls] = service_tls(plan.tls, self._tls.get(plan.tls))
        return Prepared(plans, tls)

    def adopt(self, prepared: Prepared) -> Mapping[str, ServiceState]:
        """The live services of a new snapshot."""
        self._tls, self._plans = prepared.tls, prepared.plans
        before, self._by_name = self._by_name, {}
        names = {name for plan in prepared.plans.values() for name in plan.names}
        self._found = {name: targets for name, targets in self._found.items() if name in names}
        for name, plan in prepared.plans.items():
            service = before.pop(name, None) or ServiceState(name, self._wheel, self._tasks, self._turn)
            service.avoid(self._avoided)
            service.adopt(plan, prepared.tls.get(plan.tls), self._found)
            self._by_name[name] = service
        for service in before.values():
            service.close()
        return self._by_name

    def take(self, found: Found) -> None:
        """DNS has other targets behind these names, from now on; or behind those of a snapshot that is adopted next."""
        self._found.update(found)
        for name, plan in self._plans.items():
            if not found.keys().isdisjoint(plan.names):
                self._by_name[name].adopt(plan, self._tls.get(plan.tls), self._found)

    def avoid(self, urls: Iterable[str]) -> None:
        """Nothing new goes to the targets of these URLs, now and after reloads."""
        self._avoided = frozenset(urls)
        for service in self._by_name.values():
            service.avoid(self._avoided)

    def states(self) -> list[TargetState]:
        """How every target of every service is doing."""
        return [state for service in self._by_name.values() for state in service.states()]
