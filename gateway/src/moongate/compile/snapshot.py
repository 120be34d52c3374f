"""Everything compiled from one config, immutable: what an exchange keeps from its first byte to its last.

Plans carry what a request needs and nothing that lives: connections, health and counters are kept elsewhere, keyed by
`TargetPlan.identity`, so they survive the next snapshot.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from moongate.core import limits
from moongate.core.plans import ListenerTlsPlan, Priority, ServicePlan, TargetPlan, TimeoutsPlan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ipaddress import IPv4Network, IPv6Network

    from moongate.core.token_plans import TokensPlan
    from moongate.filters import FilterPlan
    from moongate.routing import Match, PathPattern, Router

UNLIMITED: Final = sys.maxsize
"""A `RoutePlan.max_body` that no body exceeds: an int, so that the fast path compares and never asks for None."""

Network: TypeAlias = "IPv4Network | IPv6Network"


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """A route: its ``match``, whose path is ``pattern``, and what happens then. ``max_body`` in bytes, or UNLIMITED.

    ``filters`` are passed in this order, before a target is looked for.
    """

    name: str
    match: Match
    pattern: PathPattern
    service: ServicePlan
    max_body: int = limits.MAX_BODY_BYTES
    priority: Priority = Priority.NORMAL
    upgrades: frozenset[bytes] = frozenset()
    filters: tuple[FilterPlan, ...] = ()


@dataclass(frozen=True, slots=True)
class ListenerPlan:
    """A socket to bind. ``host`` is an IP address without brackets; ``port`` 0 lets the system choose."""

    host: str
    port: int
    tls: ListenerTlsPlan | None = None


@dataclass(frozen=True, slots=True)
class LimitsPlan:
    """What one worker takes on at the most: connections in all and from one address, exchanges at a time."""

    connections: int = limits.CONNECTIONS
    connections_per_address: int = limits.CONNECTIONS_PER_ADDRESS
    in_flight: int = limits.IN_FLIGHT


@dataclass(frozen=True, slots=True)
class AccountsPlan:
    """Where accounts is, the gateway's ``token`` there, how many seconds without contact are borne, and the file that
    its replica is kept in."""

    url: str
    token: str = field(repr=False)
    max_stale: float
    replica: str


@dataclass(frozen=True, slots=True)
class AdminPlan:
    """Where operators reach control. Where it ``is_required`` and can not be bound, nothing starts; else it is warned
    of."""

    host: str
    port: int
    token: str | None = None
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class GuardPlan:
    """When a reload is taken back. Seconds; how far a share may rise, None where it is not watched."""

    window: float
    max_5xx: float | None
    max_4xx: float | None
    min_requests: int


@dataclass(frozen=True, slots=True)
class DrainPlan:
    """Seconds in which requests are still taken, and in which running ones then end."""

    notice: float = limits.DRAIN_NOTICE_SECONDS
    timeout: float = limits.DRAIN_SECONDS


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One generation. ``digest`` is the SHA-256 of all below, in hex: what does the same has the same digest.

    ``routes`` stand in match order: the first that accepts a request is the one ``router`` finds.
    ``access_log`` is None (off), ``stdout``, ``stderr`` or a file's path. ``admin`` and ``guard`` are control's own:
    workers are not handed them.
    """

    generation: int
    digest: str
    listeners: tuple[ListenerPlan, ...]
    services: Mapping[str, ServicePlan]
    routes: tuple[RoutePlan, ...]
    router: Router[RoutePlan]
    trusted_proxies: tuple[Network, ...] = ()
    access_log: str | None = "stdout"
    limits: LimitsPlan = LimitsPlan()
    accounts: AccountsPlan | None = None
    drain: DrainPlan = DrainPlan()
    admin: AdminPlan | None = None
    guard: GuardPlan | None = None
    tokens: TokensPlan | None = None


__all__ = [
    "UNLIMITED",
    "AccountsPlan",
    "AdminPlan",
    "DrainPlan",
    "GuardPlan",
    "LimitsPlan",
    "ListenerPlan",
    "Network",
    "RoutePlan",
    "ServicePlan",
    "Snapshot",
    "TargetPlan",
    "TimeoutsPlan",
]
