"""Proof of what the stored data promise, by reading all of it once, in one snapshot.

Each check names what is wrong and where; none repairs. Memory does not grow with the data: rows are streamed in order
and compared side by side.
"""

import json
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, text, union_all
from sqlalchemy.exc import DBAPIError

from invsys.adapters.kind_rows import SqlKindRows
from invsys.adapters.tables import LIVE, allocations, changes, facets, feed, occupancy, resources
from invsys.domain.interval import ALWAYS, NEVER
from servicekit.core.errors import StoreUnavailableError
from servicekit.storage.soundness import Violation, check_file
from servicekit.storage.transactions import reason

_STREAM = {"stream_results": True, "yield_per": 2000}


def verify(engine: Engine) -> Iterator[Violation]:
    """Every violation there is. Raises StoreUnavailableError."""
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            for check in CHECKS:
                yield from check(connection)
    except DBAPIError as error:
        raise StoreUnavailableError(reason(error)) from error


def _occupancy(connection: Connection) -> Iterator[Violation]:
    """The steps are exactly what the live allocations add up to, and never above the capacity."""
    bounds = _by_resource(
        connection,
        select(allocations.c.resource_id, allocations.c.start_us, allocations.c.end_us, allocations.c.quantity)
        .where(text(LIVE))
        .order_by(allocations.c.resource_id),
    )
    stored = _by_resource(connection, select(occupancy).order_by(occupancy.c.resource_id, occupancy.c.at_us))
    capacities = _by_resource(
        connection, select(resources.c.id.label("resource_id"), resources.c.capacity).order_by(resources.c.id)
    )
    for ident, (live, steps, capacity) in _side_by_side(bounds, stored, capacities):
        wanted = _steps(live)
        if wanted != [(row.at_us, row.level) for row in steps]:
            yield Violation("occupancy_adds_up", ident, "the stored steps are not what its allocations add up to")
        limit = capacity[0].capacity if capacity else 0
        above = next(((at, level) for at, level in wanted if level > limit), None)
        if above is not None:
            yield Violation("never_above_capacity", ident, f"{above[1]} of {limit} allocated at {above[0]}")


def _steps(live: list[Row[Any]]) -> list[tuple[int, int]]:
    deltas: dict[int, int] = {}
    for row in live:
        deltas[row.start_us] = deltas.get(row.start_us, 0) + row.quantity
        if row.end_us != NEVER:
            deltas[row.end_us] = deltas.get(row.end_us, 0) - row.quantity
    level = 0
    steps = []
    for at in sorted(deltas):
        level += deltas[at]
        if deltas[at]:
            steps.append((at, level))
    return steps


def _grid(connection: Connection) -> Iterator[Violation]:
    for kind in SqlKindRows(connection).all():
        if kind.slot is None:
            continue
        query = select(allocations.c.id, allocations.c.start_us, allocations.c.end_us)
        rows = connection.execute(query.where(allocations.c.kind == kind.code), execution_options=_STREAM)
        for row in rows:
            finite = [bound for bound in (row.start_us, row.end_us) if bound not in (ALWAYS, NEVER)]
            if any((bound - kind.anchor) % kind.slot for bound in finite):
                yield Violation("on_the_grid", row.id, f"a bound is off the grid of {kind.plural}")


def _holds(connection: Connection) -> Iterator[Violation]:
    query = select(allocations.c.id, allocations.c.status, allocations.c.hold_expires_us).where(
        text("(status = 'held' AND hold_expires_us IS NULL) OR (status = 'confirmed' AND hold_expires_us IS NOT NULL)")
    )
    for row in connection.execute(query):
        yield Violation("holds_expire", row.id, f"is {row.status} with expiry {row.hold_expires_us}")


def _history(connection: Connection) -> Iterator[Violation]:
    """Changes are numbered 1, 2, 3, ... up to what the feed says."""
    count, low, high = connection.execute(
        select(func.count(), func.coalesce(func.min(changes.c.seq), 1), func.coalesce(func.max(changes.c.seq), 0))
    ).one()
    last = connection.execute(select(feed.c.last_seq)).scalar_one()
    if (low, high, count) != (1, last, last):
        yield Violation("history_without_gap", "feed", f"{count} changes from {low} to {high}, the feed says {last}")


def _versions(connection: Connection) -> Iterator[Violation]:
    """Each resource and allocation has one change for each of its versions."""
    subject = func.coalesce(changes.c.allocation_id, changes.c.resource_id)
    low, high = func.min(changes.c.version), func.max(changes.c.version)
    grouped = select(subject.label("resource_id"), func.count().label("told"), low.label("low"), high.label("high"))
    known = union_all(
        *(
            select(table.c.id.label("resource_id"), table.c.version, table.c.created_us)
            for table in (resources, allocations)
        )
    )
    # What is older than the history itself need not be told from its beginning.
    first = connection.execute(select(func.coalesce(func.min(changes.c.at_us), NEVER))).scalar_one()
    rows = _by_resource(connection, known.order_by("resource_id"))
    told = _by_resource(connection, grouped.group_by(subject).order_by(subject))
    for ident, (here, there) in _side_by_side(rows, told):
        if not here:
            yield Violation("one_change_each_version", ident, "has changes and does not exist")
        elif not there:
            if here[0].created_us > first:
                yield Violation("one_change_each_version", ident, f"has version {here[0].version} and no change")
        else:
            yield from _told(here[0], there[0], first)


def _told(row: Row[Any], told: Row[Any], first: int) -> Iterator[Violation]:
    whole = told.high == row.version and told.told == told.high - told.low + 1
    if not whole or (told.low > 1 and row.created_us > first):
        detail = f"has version {row.version} and {told.told} changes, of versions {told.low} to {told.high}"
        yield Violation("one_change_each_version", row.resource_id, detail)


def _labels(connection: Connection) -> Iterator[Violation]:
    count = select(func.count()).where(facets.c.resource_id == resources.c.id, facets.c.source == "l").scalar_subquery()
    query = select(resources.c.id, resources.c.labels, count.label("told")).where(resources.c.labels != "{}")
    for row in connection.execute(query, execution_options=_STREAM):
        if len(json.loads(row.labels)) != row.told:
            yield Violation("labels_are_searchable", row.id, "has labels that a search does not know")


CHECKS: tuple[Callable[[Connection], Iterator[Violation]], ...] = (
    check_file,
    _occupancy,
    _grid,
    _holds,
    _history,
    _versions,
    _labels,
)


def _by_resource(connection: Connection, query: Any) -> Iterator[tuple[str, list[Row[Any]]]]:
    rows = connection.execute(query, execution_options=_STREAM)
    for ident, group in groupby(rows, key=lambda row: row.resource_id):
        yield ident, list(group)


def _side_by_side(
    *streams: Iterator[tuple[str, list[Row[Any]]]],
) -> Iterator[tuple[str, list[list[Row[Any]]]]]:
    """Merge streams that are ordered by id: each id once, with its rows of every stream."""
    heads = [next(stream, None) for stream in streams]
    while True:
        present = [head[0] for head in heads if head is not None]
        if not present:
            return
        ident = min(present)
        found: list[list[Row[Any]]] = []
        for index, head in enumerate(heads):
            if head is not None and head[0] == ident:
                found.append(head[1])
                heads[index] = next(streams[index], None)
            else:
                found.append([])
        yield ident, found
