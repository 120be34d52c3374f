"""How the cost of a request grows with the number of routes; each request takes another one, so none is favoured."""

from benchmarks.model import Bar, Needs
from benchmarks.peers.registry import OURS
from benchmarks.scenarios.scenario import Scenario

EXPLANATION = "GET as in plain, {routes:,} routes by path prefix, visited in turn; memory includes the routes."

ROUTES_10 = Scenario(
    name="routes-10",
    title="10 routes",
    explanation=EXPLANATION.format(routes=10),
    measure=lambda stand: stand.saturate(),
    needs=Needs(routes=10),
)

ROUTES_10000 = Scenario(
    name="routes-10000",
    title="10,000 routes",
    explanation=EXPLANATION.format(routes=10_000),
    measure=lambda stand: stand.saturate(),
    needs=Needs(routes=10_000),
    bars=(Bar(1.1, against=OURS, scenario="routes-10"),),
)
