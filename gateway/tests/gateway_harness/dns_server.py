"""A DNS server on loopback, over UDP and TCP, that answers what a test says. On dnslib: the gateway is on dnspython."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

from dnslib import AAAA, CNAME, QTYPE, RCODE, RR, SRV, A
from dnslib.server import BaseResolver, DNSServer

if TYPE_CHECKING:
    from collections.abc import Iterator

_KINDS = {"A": A, "AAAA": AAAA, "CNAME": CNAME, "SRV": SRV}


class Quiet:
    """dnslib writes its log to standard output."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_args: None


class DnsServer(BaseResolver):  # type: ignore[misc]
    """``zone`` maps (name, kind) to (TTL, values); a value is what dnslib's record takes. ``trouble`` maps a kind or
    a name to an RCODE, or None for silence; ``questions`` counts what was asked."""

    def __init__(self) -> None:
        self.zone: dict[tuple[str, str], tuple[int, list[Any]]] = {}
        self.trouble: dict[str, str | None] = {}
        self.questions: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self.port, self._servers = self._bound()
        for server in self._servers:
            threading.Thread(target=server.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def set(self, name: str, kind: str, *values: Any, ttl: int = 1) -> None:
        """``name`` has these records of ``kind`` from now on."""
        with self._lock:
            if values:
                self.zone[name, kind] = (ttl, list(values))
            else:
                self.zone.pop((name, kind), None)

    def resolve(self, request: Any, _handler: Any) -> Any:
        name, kind = str(request.q.qname).rstrip(".").lower(), QTYPE[request.q.qtype]
        reply = request.reply()
        with self._lock:
            self.questions[name, kind] += 1
            trouble = self.trouble.get(name, self.trouble.get(kind, ""))
            if trouble is None:
                raise _Silent
            if trouble:
                reply.header.rcode = getattr(RCODE, trouble)
                return reply
            for record in self._records(name, kind):
                reply.add_answer(record)
            if not reply.rr and not any(known == name for known, _ in self.zone):
                reply.header.rcode = RCODE.NXDOMAIN
        return reply

    def close(self) -> None:
        for server in self._servers:
            server.server.shutdown()
            server.server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _records(self, name: str, kind: str) -> Iterator[Any]:
        ttl, values = self.zone.get((name, kind), (0, []))
        alias = self.zone.get((name, "CNAME"))
        if not values and alias is not None and kind != "CNAME":
            yield RR(name, QTYPE.CNAME, rdata=CNAME(alias[1][0]), ttl=alias[0])
            yield from self._records(alias[1][0], kind)
        for value in values:
            parts = value if isinstance(value, tuple) else (value,)
            yield RR(name, getattr(QTYPE, kind), rdata=_KINDS[kind](*parts), ttl=ttl)

    def _bound(self) -> tuple[int, list[Any]]:
        while True:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            servers: list[Any] = []
            with contextlib.suppress(OSError):  # somebody else may have taken it
                servers.append(DNSServer(self, "127.0.0.1", port, logger=Quiet()))
                servers.append(DNSServer(self, "127.0.0.1", port, tcp=True, logger=Quiet()))
                return port, servers
            for server in servers:
                server.server.server_close()


class _Silent(Exception):  # noqa: N818 - what the server is
    """dnslib drops a question whose handling fails."""
