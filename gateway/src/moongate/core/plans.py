"""Plans that rooms on one line share: what a service is, frozen and compiled.

``compile`` makes them and ``upstream`` lives by them; neither may import the other, so they stand here.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from moongate.core import limits


class Priority(enum.IntEnum):
    """How early a route's requests are refused under overload: the lowest first."""

    LOW = 0
    NORMAL = 1
    HIGH = 2


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
class CertificatePlan:
    """PEM files: a certificate with its chain, and its private key."""

    certificate: str
    key: str


@dataclass(frozen=True, slots=True)
class ListenerTlsPlan:
    """TLS towards clients. The first certificate is shown to whoever names no host that another one holds."""

    certificates: tuple[CertificatePlan, ...]
    min_version: str = "1.2"
    client_ca: str | None = None
    requires_client: bool = False


@dataclass(frozen=True, slots=True)
class ServiceTlsPlan:
    """TLS towards a service's https targets. ``ca`` None is the system's; ``server_name`` None is the target's host."""

    ca: str | None = None
    certificate: CertificatePlan | None = None
    server_name: str | None = None
    verify: bool = True


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """A named upstream with at least one target."""

    name: str
    targets: tuple[TargetPlan, ...]
    timeouts: TimeoutsPlan = TimeoutsPlan()
    tls: ServiceTlsPlan = ServiceTlsPlan()
