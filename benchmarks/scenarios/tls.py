"""TLS on the client's side, plain to the service: what the record layer and its buffers cost on warm connections."""

from benchmarks.model import Bar, Needs
from benchmarks.scenarios.scenario import Scenario

TLS = Scenario(
    name="tls",
    title="TLS from the client",
    explanation="GET as in plain over TLS 1.3 on 64 keep-alive connections, P-256 certificate, no handshakes counted.",
    measure=lambda stand: stand.saturate(),
    needs=Needs(tls=True),
    bars=(Bar(1.9, "nginx"), Bar(0.6, "Envoy"), Bar(0.4, "Traefik"), Bar(0.4, "Caddy")),
)
