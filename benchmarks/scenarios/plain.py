"""The plain case: every request goes to one service, nothing else is asked of the gateway."""

from benchmarks.model import Bar
from benchmarks.scenarios.scenario import Scenario

PLAIN = Scenario(
    name="plain",
    title="Plain forwarding",
    explanation="GET with seven header fields, 67 bytes of JSON back, 64 keep-alive connections, one route.",
    measure=lambda stand: stand.saturate(),
    bars=(Bar(1.35, "nginx"), Bar(0.6, "Envoy"), Bar(0.4, "Traefik"), Bar(0.4, "Caddy")),
)
