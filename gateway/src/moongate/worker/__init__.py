"""One worker: the rooms put together round one event loop.

Purpose: composition root, the snapshot pointer, prepare and commit, listening, draining, the channel to control.
May import: proxy, compile (its plans), routing, upstream, observe, net, protocol, core; never config or pydantic.
May touch: the event loop, signals, listening sockets.
I/O: yes.
Tested by: tests/unit/worker and tests/integration, real processes.
"""
