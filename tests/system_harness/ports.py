"""Ports for servers that must be told theirs."""

import random
import socket

BELOW_EPHEMERAL = range(
    20_000, 32_000
)  # Linux hands 32768 and up to outgoing connections: none can take ours meanwhile


def free_ports(count: int) -> list[int]:
    """Return distinct ports of 127.0.0.1 that nobody listens on; random, so that runs side by side seldom meet."""
    found: list[int] = []
    while len(found) < count:
        port = random.choice(BELOW_EPHEMERAL)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found
