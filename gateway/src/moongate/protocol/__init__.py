"""Protocols without sockets.

Purpose: HTTP/1 messages from bytes and back; what is refused, and why.
May import: core.
May touch: its own parser objects.
I/O: no, bytes are handed in.
Tested by: tests/unit/protocol byte by byte, with h11 as oracle.
"""
