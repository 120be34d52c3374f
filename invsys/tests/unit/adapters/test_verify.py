"""Proof of the stored data: each kind of damage is found and named, and sound data have none."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from invsys.adapters.verify import verify
from invsys.bootstrap.wiring import Services
from invsys.domain.interval import NEVER, Interval
from invsys.domain.kind import Kind, Mode
from invsys.service import allocations, resources
from invsys.service.allocations import AllocationDraft
from invsys.service.resources import ResourceDraft
from servicekit.core.values import ANY
from servicekit.storage.engine import WRITES, build_engine

CAR = Kind("car", "cars")
COURT = Kind("court", "courts", Mode.INTERVAL, slot=10)


@pytest.fixture
def sound(services: Services) -> Services:
    """A little of everything."""
    store, clock = services.store, services.clock
    store.write(lambda tx: tx.kinds.put(COURT))
    for kind in (CAR, COURT):
        draft = ResourceDraft("one", capacity=2, labels={"fleet": "acme"})
        one = store.write(lambda tx, kind=kind, draft=draft: resources.create(tx, kind, draft, clock()))
        for start, end, hold in ((10, 20, None), (10, 30, 60), (20, 40, None), (50, NEVER, None)):
            wanted = AllocationDraft(Interval(start, end), "booking", hold_seconds=hold)
            store.write(
                lambda tx, one=one, kind=kind, wanted=wanted: allocations.create(tx, kind, one.id, wanted, clock())
            )
        store.write(lambda tx, one=one, kind=kind: resources.change(tx, kind, one.id, {"name": "two"}, ANY, clock()))
    return services


@pytest.fixture
def damage(sound: Services, database_url: str, engine_name: str) -> Iterator[Connection]:
    """A connection that may do what the service never does."""
    engine = build_engine(database_url, 2, "invsys")
    with engine.execution_options(**{WRITES: True}).connect() as connection:
        if engine_name == "sqlite":
            for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
                connection.exec_driver_sql(f"DROP TRIGGER {row[0]}")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        yield connection
    engine.dispose()


def rules(database_url: str) -> set[str]:
    engine = build_engine(database_url, 1, "invsys")
    try:
        return {violation.rule for violation in verify(engine)}
    finally:
        engine.dispose()


def test_sound_data_have_no_violation(sound: Services, database_url: str) -> None:
    assert rules(database_url) == set()


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE occupancy SET level = level + 1 WHERE at_us = 30", "occupancy_adds_up"),
        ("DELETE FROM occupancy", "occupancy_adds_up"),
        ("UPDATE resources SET capacity = 1", "never_above_capacity"),
        ("UPDATE allocations SET quantity = 2 WHERE start_us = 20", "never_above_capacity"),
        ("UPDATE allocations SET end_us = 41 WHERE end_us = 40", "on_the_grid"),
        ("UPDATE allocations SET hold_expires_us = NULL", "holds_expire"),
        ("UPDATE feed SET last_seq = last_seq + 1", "history_without_gap"),
        ("DELETE FROM changes WHERE seq = 3", "history_without_gap"),
        ("DELETE FROM changes WHERE seq = 3", "one_change_each_version"),
        ("UPDATE resources SET version = version + 1", "one_change_each_version"),
        ("DELETE FROM allocations WHERE start_us = 50", "one_change_each_version"),
        ("DELETE FROM facets", "labels_are_searchable"),
    ],
)
def test_damage_is_named(damage: Connection, database_url: str, statement: str, broken: str) -> None:
    damage.execute(text(statement))
    damage.commit()
    assert broken in rules(database_url)
