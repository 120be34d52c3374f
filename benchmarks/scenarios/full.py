"""What a gateway is for beyond forwarding: who calls, what they may do, a line of log and the metrics of it all."""

from benchmarks.model import Bar, Needs
from benchmarks.scenarios.scenario import Scenario

FULL = Scenario(
    name="full",
    title="API key, grants, access log, metrics",
    explanation="GET as in plain with a key of 10,000 clients (100,000 grants), a JSON line of log each, metrics on; "
    "nginx maps keys, logs and limits, Envoy has its API-key filter, log and statistics.",
    measure=lambda stand: stand.saturate(),
    needs=Needs(full=True),
    bars=(Bar(1.7, "nginx"), Bar(0.6, "Envoy")),
)
FULL_TOKEN = Scenario(
    name="full-token",
    title="JSON Web Token, grants, access log, metrics",
    explanation="As full, but the client shows an access token (RFC 9068, ES256) that was verified once; run it with "
    "full, with which it is compared.",
    measure=lambda stand: stand.saturate(),
    needs=Needs(full=True, token=True),
    bars=(Bar(1.1, "Moongate", "full"),),
    without=frozenset(("nginx", "Envoy")),
)
