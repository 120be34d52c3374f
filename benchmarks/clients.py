"""Ten thousand clients with ten grants each, and the feed that tells a gateway of them.

Every gateway of scenario `full` knows the same keys, each as its manual recommends; wrk shows the first one.
"""

from __future__ import annotations

import base64
import json
import random
import threading
import time
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from moongate.protocol.api_key import checksum, mac_of

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNT = 10_000
GRANTS = 10
TOKEN = "mgw_" + "b" * 32
_PEPPER = bytes(range(32))
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def key_of(number: int) -> str:
    """The API key of client `number`, the same in every run."""
    digits = random.Random(number)
    public = f"c{number:011d}"
    text = f"mg_bench_{public}_{''.join(digits.choices(_DIGITS, k=32))}".encode()
    return (text + checksum(text)).decode()


@cache
def keys() -> list[str]:
    return [key_of(number) for number in range(COUNT)]


@cache
def _snapshot() -> bytes:
    head = {"epoch": "bench", "seq": 1, "records": COUNT + 1}
    pepper = {"kind": "pepper", "id": "1", "record": {"version": 1, "secret": _b64(_PEPPER)}}
    lines = [head, pepper, *(_client(number, key) for number, key in enumerate(keys()))]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def _client(number: int, key: str) -> dict[str, object]:
    grants = [{"resource": "inventory/items/**", "actions": ["read"]}]
    grants += [
        {"resource": f"inventory/kind-{each}/{number}", "actions": ["read", "update"]} for each in range(GRANTS - 1)
    ]
    mac = _b64(mac_of(key.encode(), _PEPPER))
    record = {
        "id": f"cl_{number}",
        "name": f"Client {number}",
        "keys": [{"id": key.split("_")[2], "mac": mac, "pepper": 1}],
        "grants": grants,
    }
    return {"kind": "client", "id": f"cl_{number}", "record": record}


def _b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


class _Feed(BaseHTTPRequestHandler):
    """The snapshot, and that nothing changes (docs/accounts-feed.md)."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        if path.path.endswith("/snapshot"):
            self._answer(_snapshot(), "application/x-ndjson")
            return
        query = parse_qs(path.query)
        if int(query["after"][0]) == 1:
            time.sleep(min(2.0, float(query.get("wait", ["0"])[0])))
        self._answer(b'{"epoch": "bench", "seq": 1, "changes": []}', "application/json")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.send_response(204)
        self.end_headers()

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(BrokenPipeError):  # the gateway ends with its window, and waits for changes to its end
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the terminal is the progress line's."""


@contextmanager
def feed() -> Iterator[int]:
    """Serve it on loopback; yields the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Feed)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
