"""What accounts has said, as filters see it, written down by the test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway_harness.replicas import PEPPER
from moongate.protocol.api_key import mac_of
from moongate.stores.decision import Standing, Unavailable
from moongate.stores.records import ClientRecord, Grant, KeyRecord, Known

if TYPE_CHECKING:
    from collections.abc import Awaitable


def key_record(
    key: bytes, *, scopes: tuple[str, ...] = (), expires_at: int | None = None, revoked: bool = False
) -> KeyRecord:
    return KeyRecord(key.split(b"_")[2], mac_of(key, PEPPER), 1, scopes, expires_at, 1 if revoked else None)


def client_record(
    client_id: str = "cl_1", *keys: KeyRecord, grants: tuple[Grant, ...] = (), **more: Any
) -> ClientRecord:
    said = {"name": "Acme", "status": "active", "not_before": 0, "plan": None, "labels": {}, "subjects": ()}
    return ClientRecord(id=client_id, keys=keys, grants=grants, **{"revoked_tokens": frozenset(), **said, **more})


class KnownAccounts:
    """filters.port.Accounts: knows ``clients``; ``elsewhere`` are known to accounts alone, until somebody asks."""

    def __init__(self, *clients: ClientRecord, standing: Standing = Standing.FRESH) -> None:
        self.version = 1
        self.stale_serves = 0
        self.clients = {client.id: client for client in clients}
        self.elsewhere: list[ClientRecord] = []
        self.now_standing = standing
        self.answers = True
        self.is_readable = True
        self.asked: list[str] = []
        self.uses: list[tuple[bytes, int]] = []

    def replace(self, *clients: ClientRecord) -> None:
        """Accounts says something new."""
        self.version += 1
        self.clients = {client.id: client for client in clients}

    def standing(self) -> Standing:
        return self.now_standing

    def find_key(self, public_id: bytes) -> Known | None:
        if not self.is_readable:
            raise Unavailable("the disk is gone")
        found = [Known(client, key) for client in self.clients.values() for key in client.keys if key.id == public_id]
        return found[0] if found else None

    def find_client(self, client_id: str) -> ClientRecord | None:
        return self.clients.get(client_id)

    def find_certificate(self, subject: str) -> ClientRecord | None:
        return next((client for client in self.clients.values() if subject in client.subjects), None)

    def pepper(self, version: int) -> bytes | None:
        return PEPPER if version == 1 else None

    def used(self, public_id: bytes, now: int) -> None:
        self.uses.append((public_id, now))

    async def ask_key(self, public_id: bytes) -> bool:
        return self._ask(
            public_id.decode(), [client for client in self.elsewhere if public_id in [key.id for key in client.keys]]
        )

    async def ask_client(self, client_id: str) -> bool:
        return self._ask(client_id, [client for client in self.elsewhere if client.id == client_id])

    def _ask(self, what: str, found: list[ClientRecord]) -> bool:
        self.asked.append(what)
        if not self.answers:
            raise Unavailable("no answer")
        if found:
            self.replace(*self.clients.values(), *found)
        return bool(found)


def now_of(verdict: Any) -> Any:
    """A verdict that was reached at once."""
    assert not hasattr(verdict, "__await__"), "the filter asks somebody"
    return verdict


async def later(verdict: Awaitable[Any] | Any) -> Any:
    """A verdict, whenever it is reached."""
    return await verdict if hasattr(verdict, "__await__") else verdict
