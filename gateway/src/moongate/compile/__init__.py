"""From a config to the snapshot that workers serve.

Purpose: resolve references, judge what needs the whole config, freeze everything into plans.
May import: config, routing, protocol, core; filters, to judge their settings and run them offline; records of stores.
May touch: nothing outside its arguments.
I/O: no.
Tested by: tests/unit/compile and the golden files under tests/golden.
"""

from moongate.compile.snapshot import (
    UNLIMITED,
    AccountsPlan,
    AdminPlan,
    DrainPlan,
    GuardPlan,
    ListenerPlan,
    RoutePlan,
    ServicePlan,
    Snapshot,
    TargetPlan,
    TimeoutsPlan,
)

__all__ = [
    "UNLIMITED",
    "AccountsPlan",
    "AdminPlan",
    "DrainPlan",
    "GuardPlan",
    "ListenerPlan",
    "RoutePlan",
    "ServicePlan",
    "Snapshot",
    "TargetPlan",
    "TimeoutsPlan",
]
