"""An accounts that says what a test wants: the feed of the contract, and whatever breaks it.

It is threads and plain sockets, so that a test can hold an answer back, cut it off, or lie in it.
"""

from __future__ import annotations

import gzip
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from gateway_harness.replicas import EPOCH, TOKEN, pepper_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Fault = Callable[["Exchange"], None]

PAGE = 1000
_ORDER = {"pepper": 0, "plan": 1, "role": 2, "client": 3}


class AccountsFeed:
    """The state is ``records`` by (kind, id); `put` and `delete` change it and say so in the feed.

    ``faults`` are called instead of what is right, by the last part of the path. ``heard`` counts requests by the same.
    """

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.epoch = EPOCH
        self.records: dict[tuple[str, str], Any] = {("pepper", "1"): pepper_record()}
        self.log: list[tuple[str, str]] = []
        self.faults: dict[str, Fault] = {}
        self.heard: dict[str, int] = {}
        self.asked: list[dict[str, str]] = []
        self.used: dict[str, int] = {}
        self.changed = threading.Condition()
        self.is_closing = False
        self._server = _Server(("127.0.0.1", 0), Exchange)
        self._server.feed = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def seq(self) -> int:
        return len(self.log)

    def __enter__(self) -> AccountsFeed:
        return self

    def __exit__(self, *_: object) -> None:
        with self.changed:
            self.is_closing = True
            self.changed.notify_all()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def put(self, kind: str, name: str, record: Any) -> int:
        """Set a record (None deletes it); the sequence number of the change."""
        with self.changed:
            if record is None:
                self.records.pop((kind, name), None)
            else:
                self.records[kind, name] = record
            self.log.append((kind, name))
            self.changed.notify_all()
            return len(self.log)

    def client(self, record: dict[str, Any]) -> int:
        return self.put("client", record["id"], record)

    def restart(self, epoch: str) -> None:
        """As after a restored database: the same records, another history."""
        with self.changed:
            self.epoch = epoch
            self.log.clear()
            self.changed.notify_all()

    def snapshot_lines(self) -> list[bytes]:
        with self.changed:
            ordered = sorted(self.records.items(), key=lambda each: _ORDER[each[0][0]])
            head = {"epoch": self.epoch, "seq": self.seq, "records": len(ordered)}
            lines = [{"kind": kind, "id": name, "record": record} for (kind, name), record in ordered]
        return [json.dumps(each).encode() for each in [head, *lines]]

    def changes_after(self, after: int, wait: float) -> dict[str, Any]:
        until = time.monotonic() + wait
        with self.changed:
            while len(self.log) <= after and not self.is_closing and (left := until - time.monotonic()) > 0:
                self.changed.wait(left)
            page = list(enumerate(self.log[after : after + PAGE], after + 1))
            changes = [
                {"seq": seq, "kind": kind, "id": name, "record": self.records.get((kind, name))}
                for seq, (kind, name) in page
            ]
            return {"epoch": self.epoch, "seq": after + len(changes), "changes": changes}

    def record_of(self, question: dict[str, str]) -> Any:
        with self.changed:
            clients = [record for (kind, _), record in self.records.items() if kind == "client"]
        for record in clients:
            if question.get("client") == record["id"] or any(
                key["id"] == question.get("key") for key in record.get("keys", ())
            ):
                return record
        return None


class Exchange(BaseHTTPRequestHandler):
    """One connection's requests; a fault is handed this."""

    protocol_version = "HTTP/1.1"
    server: _Server

    @property
    def feed(self) -> AccountsFeed:
        return self.server.feed

    def do_GET(self) -> None:
        self._handle({})

    def do_POST(self) -> None:
        self._handle(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def answer(self, status: int, body: Any = None, *, raw: bytes | None = None, compressed: bool = True) -> None:
        """A whole answer: ``body`` as JSON, or ``raw``."""
        data = json.dumps(body).encode() if raw is None else raw
        if compressed:
            data = gzip.compress(data, 1)
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        if compressed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(data)

    def begin(self, length: int) -> None:
        """The head of an answer whose body, not compressed, is written to `wfile` by hand."""
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.flush()

    def hang_up(self) -> None:
        """No answer, or no more of it."""
        self.close_connection = True

    def hang(self) -> None:
        """Say nothing until the feed is closed."""
        with self.feed.changed:
            self.feed.changed.wait_for(lambda: self.feed.is_closing)
        self.hang_up()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Tests have nothing to read."""

    def _handle(self, content: dict[str, Any]) -> None:
        feed = self.feed
        name = urlsplit(self.path).path.rpartition("/")[2]
        query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
        with feed.changed:
            feed.heard[name] = feed.heard.get(name, 0) + 1
        if self.headers["Authorization"] != f"Bearer {feed.token}":
            self.answer(401, {"code": "credentials_invalid"})
        elif fault := feed.faults.get(name):
            try:
                fault(self)
            except OSError:
                self.hang_up()
        elif name == "snapshot":
            self.answer(200, raw=b"".join(line + b"\n" for line in feed.snapshot_lines()))
        elif name == "changes":
            self._changes(query)
        elif name == "ask":
            feed.asked.append(content)
            record = feed.record_of(content)
            known = {"epoch": feed.epoch, "seq": feed.seq, "record": record}
            self.answer(200, known) if record is not None else self.answer(404, {"code": "unknown"})
        else:
            feed.used.update(content["keys"])
            self.send_response(204)
            self.end_headers()

    def _changes(self, query: dict[str, str]) -> None:
        after = int(query["after"])
        if query["epoch"] == self.feed.epoch and after <= self.feed.seq:
            answer = self.feed.changes_after(after, float(query["wait"]))
            if answer["epoch"] == query["epoch"] and not self.feed.is_closing:
                self.answer(200, answer)
                return
        self.answer(409, {"code": "epoch_changed"})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    feed: AccountsFeed

    def handle_error(self, *_: object) -> None:
        """A gateway that hangs up is no error of a test's."""


def dripping(body: bytes, pieces: int) -> Iterator[bytes]:
    """``body`` in so many pieces."""
    size = -(-len(body) // pieces)
    return (body[start : start + size] for start in range(0, len(body), size))
