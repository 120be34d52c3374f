"""Occupancy in SQL: a step function per resource.

A row says that from `at_us` on `level` is taken, until the next row; before the first row nothing is. A row is there
exactly where the level changes (none stands at NEVER, after which nothing is), so the table grows with the live
allocations and with nothing else.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from invsys.domain.interval import NEVER, Interval
from invsys.service.ports import Step

# The last step at or before the start says what holds there; COALESCE for an interval before every step.
_FROM = (
    """COALESCE((SELECT MAX(p.at_us) FROM occupancy p WHERE p.resource_id = :resource AND p.at_us <= :start), :start)"""
)

_FIRST_ABOVE = text(f"""
    SELECT at_us FROM occupancy
    WHERE resource_id = :resource AND at_us >= {_FROM} AND at_us < :end AND level > :level ORDER BY at_us LIMIT 1
""")  # noqa: S608 - only constants are put together

_STEPS = text(f"""
    SELECT at_us, level FROM occupancy
    WHERE resource_id = :resource AND at_us >= {_FROM} AND at_us < :end ORDER BY at_us LIMIT :limit
""")  # noqa: S608

_SPLIT = text("""
    INSERT INTO occupancy (resource_id, at_us, level)
    SELECT :resource, bound.at_us, COALESCE(
        (SELECT p.level FROM occupancy p WHERE p.resource_id = :resource AND p.at_us <= bound.at_us
         ORDER BY p.at_us DESC LIMIT 1), 0)
    FROM (SELECT CAST(:start AS BIGINT) AS at_us UNION ALL SELECT CAST(:end AS BIGINT)) bound
    WHERE bound.at_us < :never
    ON CONFLICT DO NOTHING
""")

_RAISE = text("""
    UPDATE occupancy SET level = level + :quantity WHERE resource_id = :resource AND at_us >= :start AND at_us < :end
""")

# Only the bounds can have become steps of no height: between them every level moved alike.
_JOIN = text("""
    DELETE FROM occupancy WHERE resource_id = :resource AND at_us IN (:start, :end) AND level = COALESCE(
        (SELECT p.level FROM occupancy p WHERE p.resource_id = :resource AND p.at_us < occupancy.at_us
         ORDER BY p.at_us DESC LIMIT 1), 0)
""")


_CLEAR = text("DELETE FROM occupancy WHERE resource_id = :resource AND at_us >= :start AND at_us < :end")
_PUT = text("INSERT INTO occupancy (resource_id, at_us, level) VALUES (:resource, :at, :level)")


class SqlOccupancyRows:
    """The port `OccupancyRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def first_above(self, resource_id: str, interval: Interval, level: int) -> int | None:
        found = self._connection.execute(_FIRST_ABOVE, {**_bounds(resource_id, interval), "level": level}).scalar()
        return None if found is None else max(found, interval.start)

    def add(self, resource_id: str, interval: Interval, quantity: int) -> None:
        bounds = _bounds(resource_id, interval)
        self._connection.execute(_SPLIT, {**bounds, "never": NEVER})
        self._connection.execute(_RAISE, {**bounds, "quantity": quantity})
        self._connection.execute(_JOIN, bounds)

    def replace(self, spans: Mapping[str, Interval], steps: Sequence[tuple[str, Step]]) -> None:
        if spans:
            self._connection.execute(_CLEAR, [_bounds(ident, span) for ident, span in spans.items()])
        if steps:
            rows = [{"resource": ident, "at": step.at, "level": step.level} for ident, step in steps]
            self._connection.execute(_PUT, rows)

    def steps(self, resource_id: str, interval: Interval, limit: int) -> Sequence[Step]:
        rows = self._connection.execute(_STEPS, {**_bounds(resource_id, interval), "limit": limit})
        return [Step(max(row.at_us, interval.start), row.level) for row in rows]


def _bounds(resource_id: str, interval: Interval) -> dict[str, str | int]:
    return {"resource": resource_id, "start": interval.start, "end": interval.end}
