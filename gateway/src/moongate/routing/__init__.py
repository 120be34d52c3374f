"""From a request's head to the most specific route that accepts it.

Purpose: path patterns, predicates, the host and path tree, and why a request missed. Never learns what a target is.
May import: core.
May touch: nothing outside its arguments.
I/O: no.
Tested by: tests/unit/routing, with a naive linear router as oracle under Hypothesis.
"""

from moongate.routing.match import Condition, HostError, HostPattern, Match
from moongate.routing.pattern import PathPattern, PatternError
from moongate.routing.router import Miss, Router, Verdict

__all__ = [
    "Condition",
    "HostError",
    "HostPattern",
    "Match",
    "Miss",
    "PathPattern",
    "PatternError",
    "Router",
    "Verdict",
]
