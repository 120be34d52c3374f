"""The feed for gateways, as docs/accounts-feed.md has it: a consistent snapshot, then every change in commit order."""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from accounts.domain.credentials import Pepper, is_key_id
from accounts.domain.errors import FeedResetError, NotFoundError
from accounts.domain.ids import CLIENT, is_id
from accounts.domain.times import in_seconds
from accounts.service import records
from accounts.service.ports import Change, FeedState, Record, Store, Transaction
from accounts.service.records import PEPPER, pepper_record

MAX_CHANGES = 1000
MAX_USED = 10_000
KEPT_US = 30 * 24 * 3600 * 1_000_000
"""How long changes, deletions among them, can be read. A gateway away for longer takes a new snapshot."""
LEVEL = 9
"""Of gzip: the last 2 % of 1 MB cost 0.2 s, once for each gateway that starts."""
_LINES = 500


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything, as gzip of lines of JSON."""

    state: FeedState
    body: bytes


def snapshot(store: Store, peppers: Mapping[int, Pepper]) -> Snapshot:
    """One consistent state. Raises StoreUnavailableError."""

    def build(state: FeedState, count: int, found: Iterator[Record]) -> Snapshot:
        return Snapshot(state, b"".join(_pack(_lines(state, count, found, peppers))))

    return store.snapshot(build)


def changes(tx: Transaction, epoch: str, after: int) -> Sequence[Change]:
    """Changes that follow number `after`, without a gap. Raises FeedResetError where they are not to be had."""
    state = tx.feed.state()
    if epoch != state.epoch or not state.floor <= after <= state.last:
        raise FeedResetError
    return tx.feed.changes(after, MAX_CHANGES) if after < state.last else ()


def with_pepper(change: Change, peppers: Mapping[int, Pepper]) -> Change:
    """A change of a pepper, which the database does not know, with its record from the file."""
    if change.kind != PEPPER or change.record is None:
        return change
    pepper = peppers.get(int(change.id))
    return Change(change.seq, PEPPER, change.id, None if pepper is None else _encode(pepper_record(pepper)))


def ask(tx: Transaction, key: str | None, client: str | None) -> tuple[FeedState, str]:
    """The record of one client, by a key's public id or by its own. Raises NotFoundError."""
    if key is not None:
        found = tx.keys.get(key) if is_key_id(key) else None
        ident = None if found is None else found.client_id
    else:
        ident = client if client is not None and is_id(client, CLIENT) else None
    # The state is read first: the record is at least as new, and applying a change twice is harmless.
    state = tx.feed.state()
    record = None if ident is None else tx.feed.record(records.CLIENT, ident)
    if record is None:
        raise NotFoundError("credential", key or client or "")
    return state, record


def used(tx: Transaction, times: Mapping[str, int], now: int) -> None:
    """Remember when keys were last used. A gateway's clock may be ahead: nothing is used in the future."""
    present = in_seconds(now)
    tx.keys.mark_used({key: min(at, present) for key, at in times.items() if is_key_id(key)})


def change_text(change: Change) -> str:
    """A change as JSON."""
    ident, record = json.dumps(change.id), "null" if change.record is None else change.record
    return f'{{"seq":{change.seq},"kind":"{change.kind}","id":{ident},"record":{record}}}'


def _lines(state: FeedState, count: int, found: Iterator[Record], peppers: Mapping[int, Pepper]) -> Iterator[str]:
    yield _encode({"epoch": state.epoch, "seq": state.last, "records": count + len(peppers)})
    for version, pepper in sorted(peppers.items()):
        yield f'{{"kind":"{PEPPER}","id":"{version}","record":{_encode(pepper_record(pepper))}}}'
    for record in found:
        yield f'{{"kind":"{record.kind}","id":"{record.id}","record":{record.text}}}'


def _pack(lines: Iterator[str]) -> Iterator[bytes]:
    # Compressed as it is read: the text of 100,000 clients is 90 MB, its gzip 9 MB.
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    batch: list[str] = []
    for line in lines:
        batch.append(line)
        if len(batch) == _LINES:
            yield packer.compress(("\n".join(batch) + "\n").encode())
            batch.clear()
    yield packer.compress(("\n".join(batch) + "\n").encode() if batch else b"")
    yield packer.flush()


def _encode(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
