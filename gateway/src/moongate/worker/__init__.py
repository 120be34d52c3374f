"""One worker: the rooms put together round one event loop.

Purpose: composition root, the snapshot pointer, listening, draining.
May import: proxy, compile, routing, upstream, observe, net, protocol, core.
May touch: the event loop, signals, listening sockets.
I/O: yes.
Tested by: tests/unit/worker and tests/integration, real processes.
"""

from moongate.worker.app import run

__all__ = ["run"]
