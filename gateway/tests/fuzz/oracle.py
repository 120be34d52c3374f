"""What h11 makes of a message, as values to compare with."""

from __future__ import annotations

from typing import NamedTuple

import h11

FieldList = tuple[tuple[bytes, bytes], ...]


class Seen(NamedTuple):
    """The first message, as far as it came: ``kind`` is refused, unfinished or whole."""

    kind: str
    start: tuple[bytes, ...] = ()  # method, target, version; or status, reason, version
    fields: FieldList = ()
    body: bytes = b""
    trailers: FieldList = ()

    def values(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.fields if key == name]


def h11_request(raw: bytes) -> Seen:
    """The first request in ``raw``."""
    server = h11.Connection(h11.SERVER)
    server.receive_data(raw)
    return _read(server)


def h11_response(raw: bytes, *, then_eof: bool) -> Seen:
    """The response to a GET in ``raw``, 1xx left out."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("Host", "h")]))
    client.send(h11.EndOfMessage())
    client.receive_data(raw)
    if then_eof:
        client.receive_data(b"")
    return _read(client)


def _read(connection: h11.Connection) -> Seen:
    seen = Seen("unfinished")
    while True:
        try:
            event = connection.next_event()
        except h11.RemoteProtocolError:
            return seen._replace(kind="refused")
        if isinstance(event, h11.Request):
            seen = seen._replace(start=(event.method, event.target, event.http_version), fields=tuple(event.headers))
        elif isinstance(event, h11.Response):
            status = b"%d" % event.status_code
            seen = seen._replace(start=(status, event.reason, event.http_version), fields=tuple(event.headers))
        elif isinstance(event, h11.Data):
            seen = seen._replace(body=seen.body + event.data)
        elif isinstance(event, h11.EndOfMessage):
            return seen._replace(kind="whole", trailers=tuple(event.headers))
        elif not isinstance(event, h11.InformationalResponse):
            return seen
