"""Every scenario by name. A new one is a file beside this one and a name in this tuple."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.model import UsageError
from benchmarks.scenarios.bodies import BODIES
from benchmarks.scenarios.full import FULL, FULL_TOKEN
from benchmarks.scenarios.idle import IDLE
from benchmarks.scenarios.latency import LATENCY
from benchmarks.scenarios.plain import PLAIN
from benchmarks.scenarios.routes import ROUTES_10, ROUTES_10000
from benchmarks.scenarios.tls import TLS
from benchmarks.scenarios.websocket import WEBSOCKET

if TYPE_CHECKING:
    from benchmarks.scenarios.scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    PLAIN,
    FULL,
    FULL_TOKEN,
    TLS,
    ROUTES_10,
    ROUTES_10000,
    *BODIES,
    IDLE,
    WEBSOCKET,
    LATENCY,
)
DEFAULT = ("plain",)
"""What `make bench` runs when it is not told: a few minutes."""


def choose(names: list[str]) -> list[Scenario]:
    """The scenarios of some names, also joined by commas; `all` is every one, none is the default.

    Raises UsageError with the list when a name is unknown.
    """
    known = {scenario.name: scenario for scenario in SCENARIOS}
    named = [name for part in names for name in part.split(",") if name]
    wanted = [*known] if "all" in named else named or list(DEFAULT)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise UsageError(f"no such scenario: {', '.join(unknown)}; there are: {', '.join(known)}, all")
    return [known[name] for name in dict.fromkeys(wanted)]
