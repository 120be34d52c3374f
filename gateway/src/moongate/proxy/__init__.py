"""The life of one exchange, from its head to the line in the log.

Purpose: route, forward, answer, retry; what goes wrong and what the client is told.
May import: compile, routing, upstream, observe, net, protocol, core.
May touch: the exchange at hand and its two connections.
I/O: through ports, never waiting.
Tested by: tests/unit/proxy with scripted sides, tests/integration on real sockets.
"""
