"""Plans that rooms on one line share: what a service is, frozen and compiled.

``compile`` makes them and ``upstream`` lives by them; neither may import the other, so they stand here.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

from moongate.core import limits


class Priority(enum.IntEnum):
    """How early a route's requests are refused under overload: the lowest first."""

    LOW = 0
    NORMAL = 1
    HIGH = 2


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """One place of a service. ``host`` is a name or an IP address without brackets; ``url`` has no path, not even /.

    Of a place that was found in DNS, ``name`` is what its certificate must hold, and a greater ``priority`` is taken
    only where no place of a smaller one can be reached (RFC 2782).
    """

    url: str
    host: str
    port: int
    tls: bool
    weight: int = 1
    name: str = ""
    priority: int = 0

    @property
    def identity(self) -> tuple[str, int, bool]:
        """The key of live state: two snapshots that name the same place share its connections and health."""
        return (self.host, self.port, self.tls)


@dataclass(frozen=True, slots=True)
class NamePlan:
    """A name in DNS, whose records are the targets: its addresses, with ``port``, or its SRV records where that is 0.

    ``servers`` (IP address, port) are asked, or those of the system where there are none.
    """

    url: str
    host: str
    port: int
    tls: bool
    weight: int = 1
    servers: tuple[tuple[str, int], ...] = ()

    @property
    def is_srv(self) -> bool:
        return self.port == 0


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
    """A named upstream with at least one target, or a name that targets are found under."""

    name: str
    targets: tuple[TargetPlan, ...]
    timeouts: TimeoutsPlan = TimeoutsPlan()
    tls: ServiceTlsPlan = ServiceTlsPlan()
    names: tuple[NamePlan, ...] = ()


Found: TypeAlias = "Mapping[NamePlan, tuple[TargetPlan, ...]]"
"""The targets behind names, as DNS had them last; a name that it never answered for is absent."""
