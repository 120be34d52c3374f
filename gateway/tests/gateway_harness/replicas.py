"""Records as accounts sends them, credentials that fit them, and replicas made of them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import msgspec

from moongate.control.accounts import moment
from moongate.control.accounts.answers import Change
from moongate.control.accounts.rows import Item
from moongate.control.accounts.store import Position, ReplicaStore
from moongate.protocol.api_key import checksum, mac_of

if TYPE_CHECKING:
    from pathlib import Path

URL = "http://127.0.0.1:9"
TOKEN = "mgw_" + "t" * 32
PEPPER = bytes(range(32))
EPOCH = "e1"


def api_key(public_id: str, secret: str = "s" * 32) -> bytes:
    text = f"mg_test_{public_id}_{secret}".encode()
    return text + checksum(text)


def public_id(number: int) -> str:
    return f"k{number:011d}"


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def key_record(public_id: str, **more: Any) -> dict[str, Any]:
    return {"id": public_id, "mac": b64(mac_of(api_key(public_id), PEPPER)), "pepper": 1, **more}


def client_record(number: int, **more: Any) -> dict[str, Any]:
    """A client ``c<number>`` with one key, ``public_id(number)``."""
    return {"id": f"c{number}", "name": f"Client {number}", "keys": [key_record(public_id(number))], **more}


def pepper_record() -> dict[str, Any]:
    return {"version": 1, "secret": b64(PEPPER)}


def item(kind: str, name: str, record: Any) -> Item:
    return Item(kind, name, msgspec.Raw(msgspec.json.encode(record)))


def client_item(number: int, **more: Any) -> Item:
    return item("client", f"c{number}", client_record(number, **more))


def change(seq: int, what: Item) -> Change:
    return Change(seq, what.kind, what.id, what.record)


def gone(kind: str, name: str) -> Item:
    return item(kind, name, None)


def new_store(directory: Path, token: str = TOKEN, url: str = URL) -> ReplicaStore:
    return ReplicaStore(str(directory / "replica.sqlite"), url, token)


def fill(store: ReplicaStore, *items: Item, seq: int = 1, epoch: str = EPOCH) -> None:
    """A pepper and ``items`` are all there is."""
    store.begin_snapshot()
    assert store.add([item("pepper", "1", pepper_record()), *items]) == []
    store.end_snapshot(Position(epoch, seq), moment.current())


def apply(store: ReplicaStore, *items: Item) -> None:
    """The changes that come next."""
    assert store.position is not None
    seq = store.position.seq
    changes = [change(seq + 1 + index, each) for index, each in enumerate(items)]
    store.apply(store.position, seq + len(items), changes, moment.current())
