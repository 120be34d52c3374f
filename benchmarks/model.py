"""The words everything here shares: what a gateway is asked to be, what was measured, what counts as good enough."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BODY = b'{"id":42,"kind":"car","name":"blue van","seats":9,"available":true}'
"""The small JSON answer of the origin: also what a gateway must answer to be called ready."""


class BenchmarkError(Exception):
    """A measurement that cannot be used; the text says why and becomes the row's note."""


class UsageError(Exception):
    """What was asked for cannot be run: an unknown name, a missing tool, too few cores."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """PEM files of a throw-away certificate for 127.0.0.1 and its key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Needs:
    """What a scenario asks of a gateway and of the origin behind it."""

    routes: int = 1
    """1: everything goes to the origin; n: n path prefixes (`route_prefix`) do, anything else is 404."""
    tls: bool = False
    upgrade: bool = False
    reads_bodies: bool = False
    """The origin reads the whole request body before it answers; a dearer origin, so only where it matters."""
    full: bool = False
    """API keys of 10,000 clients checked, one JSON line of access log for each request, metrics counted."""
    token: bool = False
    """With `full`: the client shows a JSON Web Token, and no API key."""
    connections: int = 64
    """How many clients at once, for gateways that must be told."""


@dataclass(frozen=True, slots=True)
class Site:
    """One gateway to configure: where it listens, where its origin is, and a folder of its own."""

    folder: Path
    port: int
    origin: int
    needs: Needs
    tls: KeyPair | None = None
    feed: int = 0
    """The port where accounts' feed is served, for who follows it; 0 where keys are not checked."""

    @property
    def scheme(self) -> str:
        return "https" if self.tls else "http"

    def prefixes(self) -> list[str]:
        return [route_prefix(number) for number in range(self.needs.routes)]


def route_prefix(number: int) -> str:
    """The path prefix of one of many routes; spread over 97 teams, as names in an organisation share beginnings."""
    return f"/api/team-{number % 97:02d}/service-{number:05d}/"


@dataclass(frozen=True, slots=True)
class Column:
    """One measured quantity: its key in a sample, its heading with the unit, the decimals to print."""

    key: str
    heading: str
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """One peer in one round of one scenario: the measured values, or why there are none."""

    scenario: str
    peer: str
    round: int
    values: dict[str, float] = field(default_factory=dict)
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """Moongate's first column may be at most `limit` times that of `against`, in the same run.

    `scenario` names another scenario to compare with (by default the bar's own); `against=None` makes the limit
    absolute, in the column's unit.
    """

    limit: float
    against: str | None = None
    scenario: str | None = None
