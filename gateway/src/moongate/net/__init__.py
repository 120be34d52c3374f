"""Sockets, and nothing about what travels over them.

Purpose: asyncio protocols of both sides, dialling, binding, flow control, coarse deadlines.
May import: protocol, core.
May touch: transports, timers, tasks.
I/O: yes.
Tested by: tests/unit/net with fake transports and time, tests/integration on real sockets.
"""
