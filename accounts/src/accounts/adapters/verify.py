"""Proof of what the stored data promise, by reading all of it once, in one snapshot. Each check names what is wrong."""

import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from accounts.adapters.feed_rows import count_records
from accounts.adapters.store import SqlTransaction
from accounts.adapters.tables import changes, epochs, feed
from accounts.domain.audit import Entry, broken
from accounts.domain.client import Client, ClientStatus
from accounts.domain.credentials import Pepper
from accounts.domain.times import in_seconds
from accounts.service.peppers import trouble
from accounts.service.ports import ClientQuery, N, NamedRows
from accounts.service.records import CLIENT, PLAN, ROLE, client_record, plan_record, role_record
from servicekit.core.errors import StoreUnavailableError
from servicekit.core.values import NOWHERE
from servicekit.storage.soundness import Violation, check_file
from servicekit.storage.transactions import reason

_PAGE = 500


def verify(engine: Engine, held: Mapping[int, Pepper], now: int) -> Iterator[Violation]:
    """Every violation there is, with these peppers at that moment. Raises StoreUnavailableError."""
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            tx = SqlTransaction(connection, NOWHERE, lambda: now)
            yield from check_file(connection)
            yield from _chain(tx)
            yield from _feed(connection)
            yield from _records(connection, tx, now)
            yield from _peppers(tx, held)
    except DBAPIError as error:
        raise StoreUnavailableError(reason(error)) from error


def _chain(tx: SqlTransaction) -> Iterator[Violation]:
    last = 0

    def watched() -> Iterator[Entry]:
        nonlocal last
        for entry in tx.audit.all():
            last = entry.seq
            yield entry

    for seq, detail in broken(watched()):
        yield Violation("audit_unbroken", str(seq), detail)
    if last != tx.audit.last():
        yield Violation("audit_unbroken", str(last), f"is the last entry, and {tx.audit.last()} were made")


def _feed(connection: Connection) -> Iterator[Violation]:
    """Changes are numbered without a gap from the floor to what the feed says."""
    floor = connection.execute(select(epochs.c.floor_seq)).scalar_one()
    last = connection.execute(select(feed.c.last_seq)).scalar_one()
    count, low, high = connection.execute(
        select(
            func.count(),
            func.coalesce(func.min(changes.c.seq), floor + 1),
            func.coalesce(func.max(changes.c.seq), floor),
        )
    ).one()
    if (low, high, count) != (floor + 1, last, last - floor):
        detail = f"{count} changes from {low} to {high}, the feed says {floor + 1} to {last}"
        yield Violation("feed_without_gap", "feed", detail)


def _records(connection: Connection, tx: SqlTransaction, now: int) -> Iterator[Violation]:
    """What gateways are told is what is stored."""
    wanted: Iterator[tuple[str, str, dict[str, Any]]] = chain(
        ((CLIENT, client.id, client_record(tx, client)) for client in _clients(tx)),
        ((PLAN, plan.name, plan_record(plan)) for plan in _named(tx.plans)),
        ((ROLE, role.name, role_record(role)) for role in _named(tx.roles)),
    )
    count = 0
    for kind, ident, record in wanted:
        count += 1
        text = tx.feed.record(kind, ident)
        told = None if text is None else json.loads(text)
        if _essence(told, now) != _essence(record, now):
            yield Violation("told_as_stored", f"{kind} {ident}", "gateways are told something else than what is stored")
    told_count = count_records(connection)
    if told_count != count:
        yield Violation("told_as_stored", "records", f"gateways are told of {told_count} things, and there are {count}")


def _essence(record: dict[str, Any] | None, now: int) -> dict[str, Any] | None:
    """A record without tokens that ended by themselves, which are forgotten without a word, and with its grants in the
    order that counts, in which they were not always told."""
    if record is None:
        return None
    left = [token for token in record.get("revoked_tokens", ()) if token["exp"] > in_seconds(now)]
    grants = sorted(
        record.get("grants", ()), key=lambda told: [] if "query" in told else [told["resource"], told["actions"]]
    )
    return {**record, "revoked_tokens": left, "grants": grants}


def _clients(tx: SqlTransaction) -> Iterator[Client]:
    for status in ClientStatus:
        after = ""
        while found := tx.clients.page(ClientQuery(_PAGE, status, after=after)):
            yield from found
            after = found[-1].id


def _named(rows: NamedRows[N]) -> Iterator[N]:
    after = ""
    while found := rows.page(after, _PAGE):
        yield from found
        after = found[-1].name


def _peppers(tx: SqlTransaction, held: Mapping[int, Pepper]) -> Iterator[Violation]:
    found = trouble(tx, held)
    if found is not None:
        yield Violation("peppers_fit", "pepper file", found)
