"""The steps that a request passes between its route and its service; a file for each kind.

Purpose: judge and edit requests: who calls, what they may do, which fields go on; the user's own steps.
May import: config never; stores, net, protocol, core.
May touch: the exchange that it is handed, and what `Tools` holds.
I/O: through `Tools` alone.
Tested by: tests/unit/filters on plain exchanges, tests/integration/test_filters* through a running gateway.
"""

from moongate.filters.port import Filter, FilterPlan, Tools, Verdict
from moongate.filters.verdicts import Judge, Refusal, Response

__all__ = ["Filter", "FilterPlan", "Judge", "Refusal", "Response", "Tools", "Verdict"]
