"""HTTP/1.0 and HTTP/1.1 (RFC 9112).

Purpose: requests and responses read strictly, framing decided once, chunks written.
May import: core.
May touch: its own parser objects.
I/O: no, bytes are handed in.
Tested by: tests/unit/protocol/http1, tests/conformance.
"""
