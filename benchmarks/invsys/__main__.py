"""Book into a resource with a long past, and page through many resources, on SQLite and PostgreSQL.

Two claims are measured, as ratios within one run, samples interleaved, medians compared:
- an allocation into a resource with a million past allocations costs at most 1.5 of one with a thousand;
- a page at any depth of a million resources costs at most 1.5 of the first.

`python -m benchmarks.invsys [--rows 1000000] [--samples 200]`; exit status 1 when a bar is missed.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, text

from invsys.bootstrap.settings import Settings
from invsys.bootstrap.wiring import Services, build_services
from invsys.domain.interval import Interval
from invsys.domain.kind import Kind
from invsys.service import allocations, resources
from invsys.service.allocations import AllocationDraft
from invsys.service.ports import ResourceQuery
from invsys.service.resources import ResourceDraft
from servicekit.core.values import Position
from servicekit.storage.engine import WRITES, build_engine
from servicekit.testing.databases import ENGINES, Databases, running_postgres

BAR = 1.5
SHORT = 1000
CAR, LORRY = Kind("car", "cars"), Kind("lorry", "lorries")
PREFIX = "01890000-0000-7000-8000-"

_NUMBERS = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :count)",
    "postgresql": "WITH numbers AS (SELECT n FROM generate_series(0, CAST(:count AS BIGINT) - 1) AS series(n))",
}
_HEX = {"sqlite": "printf('%012x', {})", "postgresql": "lpad(to_hex({}), 12, '0')"}
_DECIMAL = {"sqlite": "printf('%09d', n)", "postgresql": "lpad(CAST(n AS TEXT), 9, '0')"}


def main() -> int:
    """Run both claims on both engines and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.invsys", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--samples", type=int, default=200)
    options = parser.parse_args()
    missed = False
    print(f"{'engine':<12}{'what':<44}{'base ms':>9}{'ms':>9}{'ratio':>7}")
    with running_postgres() as postgres, tempfile.TemporaryDirectory() as directory:
        databases = Databases(Path(directory), postgres, "invsys", migrate)
        for engine in ENGINES:
            for what, base, measured in measure(databases, engine, options.rows, options.samples):
                ratio = measured / base
                missed |= ratio > BAR
                print(f"{engine:<12}{what:<44}{base:>9.3f}{measured:>9.3f}{ratio:>7.2f}", flush=True)
    return 1 if missed else 0


def migrate(url: str) -> None:
    """Bring the database to the newest schema."""
    services = build_services(Settings(database_url=url))
    services.migrate()
    services.close()


def measure(databases: Databases, engine: str, rows: int, samples: int) -> list[tuple[str, float, float]]:
    """(what, milliseconds of the base, milliseconds of the large) for each claim."""
    url = databases.migrated(engine)
    services = build_services(Settings(database_url=url))
    try:
        long, short = (_resource(services, name) for name in ("long", "short"))
        filling = build_engine(url, 1, "invsys")
        with filling.execution_options(**{WRITES: True}).begin() as connection:
            if engine == "postgresql":
                connection.execute(text("SET LOCAL statement_timeout = 0"))
            _fill_past(connection, long, rows, 1)
            _fill_past(connection, short, SHORT, 2)
            _fill_resources(connection, rows)
        with filling.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            if engine == "postgresql":
                connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("ANALYZE"))
        filling.dispose()
        return [*_bookings(services, (short, long), rows, samples), *_pages(services, rows, samples)]
    finally:
        services.close()


def _resource(services: Services, name: str) -> str:
    return services.store.write(lambda tx: resources.create(tx, CAR, ResourceDraft(name), 1)).id


def _fill_past(connection: Connection, resource: str, count: int, series: int) -> None:
    """`count` allocations of ten units, each with a gap of ten before the next."""
    dialect = connection.dialect.name
    numbers, ident = _NUMBERS[dialect], _HEX[dialect].format(f"n + {series} * 100000000000")
    connection.execute(
        text(f"""
            INSERT INTO allocations (id, resource_id, kind, start_us, end_us, quantity, exclusive, allocation_type,
                                     status, dump, created_us, version)
            {numbers} SELECT '{PREFIX}' || {ident}, :resource, 'car', n * 20, n * 20 + 10, 1, true, 'booking',
                             'confirmed', 'null', 1, 1 FROM numbers
        """),
        {"count": count, "resource": resource},
    )
    for offset, level in ((0, 1), (10, 0)):
        connection.execute(
            text(f"""
                INSERT INTO occupancy (resource_id, at_us, level)
                {numbers} SELECT :resource, n * 20 + {offset}, {level} FROM numbers
            """),
            {"count": count, "resource": resource},
        )


def _fill_resources(connection: Connection, count: int) -> None:
    dialect = connection.dialect.name
    connection.execute(
        text(f"""
            INSERT INTO resources (id, kind, name, status, capacity, attributes, labels, created_us, version, lock_seq)
            {_NUMBERS[dialect]} SELECT '{PREFIX}' || {_HEX[dialect].format("n")}, 'lorry', {_DECIMAL[dialect]},
                                       'active', 1, '{{}}', '{{}}', 1, 1, 0 FROM numbers
        """),
        {"count": count},
    )


def _bookings(services: Services, subjects: tuple[str, str], rows: int, samples: int) -> list[tuple[str, float, float]]:
    found = []
    for what, first in (("book after the past", rows * 20), ("book in a gap of the past", 10)):
        times: tuple[list[float], list[float]] = ([], [])
        for sample in range(samples):
            for taken, resource, count in zip(times, subjects, (SHORT, rows), strict=True):
                # Gaps spread over the whole past; after it, one slot after the other.
                gap = first + 20 * (sample if first > 10 else sample * count // samples)
                draft = AllocationDraft(Interval(gap, gap + 5), "booking")
                taken.append(_timed(lambda resource=resource, draft=draft: _book(services, resource, draft)))  # type: ignore[misc]
        found.append((f"{what}: {rows:,} against {SHORT:,}", statistics.median(times[0]), statistics.median(times[1])))
    return found


def _book(services: Services, resource: str, draft: AllocationDraft) -> None:
    services.store.write(lambda tx: allocations.create(tx, CAR, resource, draft, services.clock()))


def _pages(services: Services, rows: int, samples: int) -> list[tuple[str, float, float]]:
    found = []
    for by_name in (False, True):
        times: tuple[list[float], list[float]] = ([], [])
        for sample in range(samples):
            depth = rows * (sample % 10) // 10 + rows // 20
            for taken, number in zip(times, (-1, depth), strict=True):
                after = None
                if number >= 0:
                    after = Position(f"{number:09}" if by_name else None, f"{PREFIX}{number:012x}")
                query = ResourceQuery("lorry", 51, by_name=by_name, after=after)
                taken.append(_timed(lambda query=query: _page(services, query)))  # type: ignore[misc]
        order = "name" if by_name else "creation"
        found.append(
            (f"page by {order}: any depth against the first", statistics.median(times[0]), statistics.median(times[1]))
        )
    return found


def _page(services: Services, query: ResourceQuery) -> None:
    services.store.read(lambda tx: resources.page(tx, query))


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
