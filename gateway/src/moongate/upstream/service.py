"""A service, alive: which target takes the next request, and whether a retry is affordable."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from moongate.core import limits
from moongate.net.tls import service_tls
from moongate.upstream.pool import Settings, TargetPool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moongate.core.plans import ServicePlan, ServiceTlsPlan
    from moongate.net.tasks import Tasks
    from moongate.net.tls import ServiceTls
    from moongate.net.wheel import Wheel


class ServiceState:
    """Round robin over the targets, each as often as its weight says, and the retry budget."""

    __slots__ = ("_next", "_order", "_pools", "_tasks", "_wheel", "active", "name", "retrying")

    def __init__(self, name: str, wheel: Wheel, tasks: Tasks) -> None:
        self.name = name
        self._wheel = wheel
        self._tasks = tasks
        self._pools: dict[tuple[str, int, bool], TargetPool] = {}
        self._order: list[TargetPool] = []
        self._next = 0
        self.active = 0  # exchanges that were forwarded and have not ended
        self.retrying = 0

    def __repr__(self) -> str:
        return f"<ServiceState {self.name} active={self.active} retrying={self.retrying} targets={len(self._pools)}>"

    def adopt(self, plan: ServicePlan, tls: ServiceTls | None) -> None:
        """The targets of a new snapshot: those named before keep their connections, the others lose their idle ones.

        ``tls`` is what ``plan.tls`` says, made; None where no target is https.
        """
        settings = Settings(plan.timeouts, tls)
        before, self._pools = self._pools, {}
        for target in plan.targets:
            pool = before.pop(target.identity, None)
            if pool is None:
                pool = TargetPool(target, settings, self._wheel, self._tasks)
            else:
                pool.adopt(target, settings)
            self._pools[target.identity] = pool
        for pool in before.values():
            pool.discard_idle()
        self._order = spread([(self._pools[target.identity], target.weight) for target in plan.targets])
        self._next %= len(self._order)

    def close(self) -> None:
        """No snapshot names this service any more."""
        for pool in self._pools.values():
            pool.discard_idle()

    def pick(self, refused: TargetPool | None = None) -> TargetPool:
        """The target whose turn it is; another than ``refused``, which failed just now, where there is one."""
        order = self._order
        if len(order) == 1:
            return order[0]
        for _ in order:
            index = self._next
            self._next = index + 1 if index + 1 < len(order) else 0
            if order[index] is not refused:
                break
        return order[index]

    def may_retry(self) -> bool:
        """Whether one more retry stays within the budget: a storm of them is how an outage spreads."""
        return self.retrying < max(limits.RETRY_BUDGET_MIN, self.active * limits.RETRY_BUDGET_SHARE)


def spread(weighted: list[tuple[TargetPool, int]]) -> list[TargetPool]:
    """One round of smooth weighted round robin, 2:1 is a b a: each turn goes to whoever is owed most."""
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

    __slots__ = ("_by_name", "_tasks", "_tls", "_wheel")

    def __init__(self, wheel: Wheel, tasks: Tasks) -> None:
        self._wheel = wheel
        self._tasks = tasks
        self._by_name: dict[str, ServiceState] = {}
        self._tls: dict[ServiceTlsPlan, ServiceTls] = {}

    def prepare(self, plans: Mapping[str, ServicePlan]) -> Prepared:
        """All of adopting ``plans`` that can fail. Raises TlsInvalid where TLS files can not be used."""
        tls: dict[ServiceTlsPlan, ServiceTls] = {}
        for plan in plans.values():
            if plan.tls not in tls and any(target.tls for target in plan.targets):
                tls[plan.tls] = service_tls(plan.tls, self._tls.get(plan.tls))
        return Prepared(plans, tls)

    def adopt(self, prepared: Prepared) -> Mapping[str, ServiceState]:
        """The live services of a new snapshot."""
        self._tls = prepared.tls
        before, self._by_name = self._by_name, {}
        for name, plan in prepared.plans.items():
            service = before.pop(name, None) or ServiceState(name, self._wheel, self._tasks)
            service.adopt(plan, prepared.tls.get(plan.tls))
            self._by_name[name] = service
        for service in before.values():
            service.close()
        return self._by_name
