"""Plans that rooms on one line share: what a service is, frozen and compiled.

``compile`` makes them and ``upstream`` lives by them; neither may import the other, so they stand here.
"""

from __future__ import annotations

from dataclasses import dataclass

from moongate.core import limits


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """One place of a service. ``host`` is a name or an IP address without brackets; ``url`` has no path, not even /."""

    url: str
    host: str
    port: int
    tls: bool
    weight: int = 1

    @property
    def identity(self) -> tuple[str, int, bool]:
        """The key of live state: two snapshots that name the same place share its connections and health."""
        return (self.host, self.port, self.tls)


@dataclass(frozen=True, slots=True)
class TimeoutsPlan:
    """Seconds: to connect, until the response head is there, and between two pieces of a body."""

    connect: float = limits.CONNECT_SECONDS
    response_head: float = limits.RESPONSE_HEAD_SECONDS
    body_idle: float = limits.BODY_IDLE_SECONDS


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """A named upstream with at least one target."""

    name: str
    targets: tuple[TargetPlan, ...]
    timeouts: TimeoutsPlan = TimeoutsPlan()
