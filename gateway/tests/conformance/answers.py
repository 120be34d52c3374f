"""The gateway's answers, taken apart by h11, and what its log says of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import h11

from gateway_harness.polling import eventually

if TYPE_CHECKING:
    from conformance.wire import Wire


class Answer(NamedTuple):
    """One response. ``is_whole`` where it ended as its framing says."""

    status: int
    fields: tuple[tuple[bytes, bytes], ...]
    body: bytes
    is_whole: bool

    def value(self, name: bytes) -> bytes | None:
        values = [value for key, value in self.fields if key == name]
        assert len(values) <= 1
        return values[0] if values else None

    @property
    def code(self) -> str:
        problem: dict[str, Any] = json.loads(self.body)
        return str(problem["code"])

    @property
    def closes(self) -> bool:
        return self.value(b"connection") == b"close"


def answers_in(data: bytes, *methods: str) -> list[Answer]:
    """The responses in ``data``, to requests with ``methods`` (GET where there are more of them), 1xx left out."""
    answers: list[Answer] = []
    while data:
        client = h11.Connection(h11.CLIENT)
        method = methods[len(answers)] if len(answers) < len(methods) else "GET"
        client.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
        client.send(h11.EndOfMessage())
        client.receive_data(data)
        client.receive_data(b"")
        answer, data = _next_answer(client)
        answers.append(answer)
    return answers


def _next_answer(client: h11.Connection) -> tuple[Answer, bytes]:
    head: h11.Response | None = None
    body = b""
    while True:
        try:
            event = client.next_event()
        except h11.RemoteProtocolError:
            assert head is not None
            return Answer(head.status_code, tuple(head.headers), body, is_whole=False), b""
        if isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            assert head is not None
            return Answer(head.status_code, tuple(head.headers), body, is_whole=True), client.trailing_data[0]


def log_lines(wire: Wire, answers: list[Answer]) -> list[dict[str, Any]]:
    """The access log's lines for ``answers``."""
    wanted = [(answer.value(b"x-request-id") or b"").decode() for answer in answers]
    found: dict[str, dict[str, Any]] = {}

    def are_there() -> bool:
        found.update((line["request_id"], line) for line in wire.gateway.log_lines())
        return found.keys() >= set(wanted)

    eventually(are_there, f"lines in the access log: {wanted}")
    return [found[request_id] for request_id in wanted]
