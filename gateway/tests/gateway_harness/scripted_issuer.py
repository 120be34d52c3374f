"""An issuer of tokens that does what a test wants: publishes its keys, rotates them, hangs, lies, redirects, floods.

Threads and plain sockets, so that a test can hold an answer back for as long as it likes.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from gateway_harness.tokens import Signer, good_claims, key_set

if TYPE_CHECKING:
    from collections.abc import Callable

    Fault = Callable[["Answering"], None]

METADATA = "/.well-known/openid-configuration"
KEYS = "/keys"


class ScriptedIssuer:
    """``signers`` are whose keys it publishes, the last one signs. ``faults`` are called instead of what is right, by
    path; ``heard`` counts requests by the same; ``forms`` are
    those that came, with their Authorization; ``metadata`` is what it says of itself."""

    def __init__(self, path: str = "") -> None:
        self._server = _Server(("127.0.0.1", 0), Answering)
        self._server.issuer = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{path}"
        self.path = path
        self.signers = [Signer(kid="k1")]
        self.metadata: dict[str, Any] = {"issuer": self.url, "jwks_uri": self.url + KEYS}
        self.documents: dict[str, Callable[[], bytes]] = {
            path + METADATA: lambda: json.dumps(self.metadata).encode(),
            path + KEYS: lambda: key_set(*self.signers),
        }
        self.cache_control = "max-age=300"
        self.faults: dict[str, Fault] = {}
        self.heard: dict[str, int] = {}
        self.forms: list[tuple[str, bytes]] = []
        self.is_closing = threading.Event()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def token(self, signer: Signer | None = None, header: dict[str, Any] | None = None, **claims: Any) -> bytes:
        """A token that is good now."""
        now = int(time.time())
        said = good_claims(**{"iss": self.url, "iat": now, "exp": now + 300, **claims})
        return (signer or self.signers[-1]).token(said, header)

    def fetches(self, path: str = KEYS) -> int:
        return self.heard.get(self.path + path, 0)

    def __enter__(self) -> ScriptedIssuer:
        return self

    def __exit__(self, *_: object) -> None:
        self.is_closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Answering(BaseHTTPRequestHandler):
    """One request."""

    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        issuer = self.server.issuer
        issuer.heard[self.path] = issuer.heard.get(self.path, 0) + 1
        with contextlib.suppress(ConnectionError):
            fault = issuer.faults.get(self.path)
            if fault is not None:
                fault(self)
            elif self.path in issuer.documents:
                self.answer(issuer.documents[self.path](), **{"Cache-Control": issuer.cache_control})
            else:
                self.answer(b"{}", 404)

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", "0"))
        self.server.issuer.forms.append((self.headers.get("Authorization", ""), self.rfile.read(size)))
        self.do_GET()

    def answer(self, body: bytes, status: int = 200, **fields: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    issuer: ScriptedIssuer


def hangs(request: Answering) -> None:
    """Until the test is over."""
    request.server.issuer.is_closing.wait(60)


def floods(request: Answering) -> None:
    """50 MB of what could be keys."""
    request.send_response(200)
    request.end_headers()
    request.close_connection = True
    request.wfile.write(b'{"keys": [')
    for _ in range(50):
        request.wfile.write(b" " * 1024 * 1024)


def trickles(request: Answering) -> None:
    """An octet at a time, for ever."""
    request.send_response(200)
    request.end_headers()
    request.close_connection = True
    while not request.server.issuer.is_closing.wait(0.05):
        request.wfile.write(b" ")


def answers(body: bytes, status: int = 200, **fields: str) -> Fault:
    return lambda request: request.answer(body, status, **fields)


def redirects(where: str, status: int = 302) -> Fault:
    return lambda request: request.answer(b"", status, Location=where)
