"""The services behind the gateway, alive: which target is next, which connection is free.

Purpose: target and service state that survives reloads; the connection pool; retry policy.
May import: net, protocol, core.
May touch: its own connections and counters.
I/O: through net.
Tested by: tests/unit/upstream against real sockets and fake time.
"""
