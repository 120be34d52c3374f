"""Records of the feed as rows of the replica's file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from moongate.control.accounts.answers import Nonsense
from moongate.stores.records import Unreadable, read_client, read_pepper, read_plan, read_role
from moongate.stores.replica_file import CERTIFICATE, KEY

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    import msgspec

    from moongate.control.accounts.sealing import Seal

CLIENT: Final = "client"
PEPPER: Final = "pepper"
_NULL: Final = b"null"
_READERS: Final[dict[str, Callable[[msgspec.Raw], object]]] = {"role": read_role, "plan": read_plan}


class Item(NamedTuple):
    """What the feed says of one thing; a record of null is that it is gone."""

    kind: str
    id: str
    record: msgspec.Raw


class Rows:
    """Writes items inside a transaction of somebody else's. ``problems`` are lines about records that are none."""

    def __init__(self, connection: sqlite3.Connection, seal: Seal) -> None:
        self._do = connection.execute
        self._seal = seal
        self.problems: list[str] = []

    def clear(self) -> None:
        """All that was known is gone."""
        for table in ("client", "credential", "shared"):
            self._do(f"DELETE FROM {table}")  # noqa: S608 - no name from outside

    def put(self, item: Item) -> None:
        """Raises Nonsense for a role, plan or pepper that is none: what many clients rest on is not guessed."""
        gone = bytes(item.record) == _NULL
        if item.kind == CLIENT:
            self._forget_client(item.id)
            if not gone:
                self._put_client(item)
        elif gone:
            self._do("DELETE FROM shared WHERE kind = ? AND id = ?", (item.kind, item.id))
        elif item.kind == PEPPER or item.kind in _READERS:
            self._put_shared(item)
        # Other kinds are for gateways that know more than this one.

    def _forget_client(self, client_id: str) -> None:
        self._do("DELETE FROM credential WHERE client = ?", (client_id,))
        self._do("DELETE FROM client WHERE id = ?", (client_id,))

    def _put_client(self, item: Item) -> None:
        try:
            wire, keys = read_client(item.record)
        except Unreadable as error:
            # The others need not suffer; this one is refused, as whoever is not known.
            self.problems.append(f"sends a record of client {item.id!r} that is none, and it is refused: {error}")
            return
        if wire.id != item.id:
            raise Nonsense(f"sends the record of client {wire.id!r} as that of {item.id!r}")
        self._do("INSERT INTO client VALUES (?, ?)", (item.id, bytes(item.record)))
        credentials = [(KEY, key.id.decode("ascii"), item.id) for key in keys]
        credentials += [(CERTIFICATE, each.subject, item.id) for each in wire.certificates]
        for credential in credentials:
            self._do("INSERT OR REPLACE INTO credential VALUES (?, ?, ?)", credential)

    def _put_shared(self, item: Item) -> None:
        try:
            if item.kind == PEPPER:
                version, secret = read_pepper(item.record)
                if str(version) != item.id:
                    raise Unreadable(f"it is of version {version}")
                record = self._seal.close(secret, place_of(version))
            else:
                _READERS[item.kind](item.record)
                record = bytes(item.record)
        except Unreadable as error:
            raise Nonsense(f"sends a record of {item.kind} {item.id!r} that is none: {error}") from None
        self._do("INSERT OR REPLACE INTO shared VALUES (?, ?, ?)", (item.kind, item.id, record))


def place_of(pepper: int) -> str:
    """What a pepper is bound to when it is sealed."""
    return f"pepper {pepper}"
