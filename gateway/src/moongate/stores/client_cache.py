"""The clients that a worker has decoded: bounded, and whoever is used is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from moongate.stores.records import Known

if TYPE_CHECKING:
    from moongate.stores.records import ClientRecord

MAX_CLIENTS: Final = 16_384
MAX_BYTES: Final = 32 * 1024 * 1024
"""Of records as they were sent; decoded they take four times that."""
_RECORD_BYTES: Final = 1024  # what even an empty record takes


class _Held(NamedTuple):
    client: ClientRecord
    weight: int


class ClientCache:
    """Clients by id, by their keys' ids and by their certificates' subjects. A client leaves with all of them."""

    __slots__ = ("_bytes", "_clients", "_known", "_max_bytes", "_max_clients", "_subjects", "_used")

    def __init__(self, max_clients: int = MAX_CLIENTS, max_bytes: int = MAX_BYTES) -> None:
        self._max_clients = max_clients
        self._max_bytes = max_bytes
        self._clients: dict[str, _Held] = {}  # the oldest first
        self._used: set[str] = set()  # since somebody last had to leave
        self._bytes = 0
        self._known: dict[bytes, Known] = {}
        self._subjects: dict[str, ClientRecord] = {}

    def __len__(self) -> int:
        return len(self._clients)

    def key(self, public_id: bytes) -> Known | None:
        known = self._known.get(public_id)
        if known is not None:
            self._used.add(known.client.id)
        return known

    def client(self, client_id: str) -> ClientRecord | None:
        held = self._clients.get(client_id)
        if held is None:
            return None
        self._used.add(client_id)
        return held.client

    def certificate(self, subject: str) -> ClientRecord | None:
        client = self._subjects.get(subject)
        if client is not None:
            self._used.add(client.id)
        return client

    def add(self, client: ClientRecord, size: int) -> None:
        """Keep ``client``, whose record has ``size`` octets, in place of what was known of it."""
        self.drop(client.id)
        weight = size + _RECORD_BYTES
        while self._clients and (len(self._clients) >= self._max_clients or self._bytes + weight > self._max_bytes):
            self._drop_oldest()
        self._clients[client.id] = _Held(client, weight)
        self._bytes += weight
        for key in client.keys:
            self._known[key.id] = Known(client, key)
        for subject in client.subjects:
            self._subjects[subject] = client

    def drop(self, client_id: str) -> None:
        """Forget a client and its keys."""
        held = self._clients.pop(client_id, None)
        if held is None:
            return
        self._used.discard(client_id)
        self._bytes -= held.weight
        for key in held.client.keys:
            known = self._known.get(key.id)
            if known is not None and known.client is held.client:
                del self._known[key.id]
        for subject in held.client.subjects:
            if self._subjects.get(subject) is held.client:
                del self._subjects[subject]

    def clear(self) -> None:
        self._clients.clear()
        self._used.clear()
        self._known.clear()
        self._subjects.clear()
        self._bytes = 0

    def _drop_oldest(self) -> None:
        """Second chance: who was used since comes to the end of the queue instead. Ends, since that is done once."""
        client_id = next(iter(self._clients))
        if client_id in self._used:
            self._used.discard(client_id)
            self._clients[client_id] = self._clients.pop(client_id)
        else:
            self.drop(client_id)
