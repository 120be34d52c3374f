"""Migrations."""

import pytest
from sqlalchemy import text

from invsys.adapters.engine import WRITES, build_engine
from invsys.adapters.migrate import migrate, schema_problem
from invsys.bootstrap.settings import Settings
from invsys.bootstrap.wiring import build_services
from invsys.domain.errors import StoreUnavailableError
from invsys.domain.interval import NEVER, Interval
from invsys.domain.resource import Resource
from invsys.service.ports import AllocationQuery
from invsys_harness.databases import Databases


def test_an_empty_database_says_what_to_do_and_migrating_twice_is_fine(engine_name: str, databases: Databases) -> None:
    engine = build_engine(databases.empty(engine_name), 1)
    assert "run `invsys migrate`" in (schema_problem(engine) or "")
    migrate(engine)
    assert schema_problem(engine) is None
    migrate(engine)
    assert schema_problem(engine) is None
    engine.dispose()


def test_a_schema_of_another_version_is_told(database_url: str) -> None:
    engine = build_engine(database_url, 1)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "has schema 9999" in (schema_problem(engine) or "")
    engine.dispose()


def test_what_the_first_release_stored_is_carried_on(engine_name: str, databases: Databases) -> None:
    """From revision 0001, with its rows: kinds appear, occupancy is made from the allocations, nothing is lost."""
    url = databases.empty(engine_name)
    engine = build_engine(url, 1)
    migrate(engine, "0001")
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        car = "'01890000-0000-7000-8000-000000000000'"
        connection.execute(text(f"INSERT INTO resources VALUES ({car}, 'car', 'red', 'active', 5, 2, 0)"))
        spans = ((10, 20, "confirmed"), (20, 30, "confirmed"), (40, NEVER, "confirmed"), (12, 18, "cancelled"))
        for number, (start, end, status) in enumerate(spans):
            ident = f"'01890000-0000-7000-8000-00000000000{number}'"
            values = f"{ident}, {car}, 'car', {start}, {end}, 'booking', '{status}', NULL, '[1]', 5, 1"
            connection.execute(text(f"INSERT INTO allocations VALUES ({values})"))
    migrate(engine)
    engine.dispose()
    services = build_services(Settings(database_url=url))
    car_id = car.strip("'")
    steps = services.store.read(lambda tx: tx.occupancy.steps(car_id, Interval(0, NEVER), 100))
    assert [(step.at, step.level) for step in steps] == [(10, 1), (30, 0), (40, 1)]
    assert list(services.verify()) == []
    found = services.store.read(lambda tx: tx.resources.get("car", car_id))
    assert found == Resource(car_id, "car", "red", 5, version=2)
    live = services.store.read(lambda tx: tx.allocations.page(AllocationQuery(car_id, 10)))
    assert [(row.interval.start, row.quantity, row.dump) for row in live] == [(10, 1, [1]), (20, 1, [1]), (40, 1, [1])]
    services.close()


def test_a_database_that_is_gone_is_unavailable() -> None:
    engine = build_engine("sqlite:////nonexistent/dir/a.db", 1)
    with pytest.raises(StoreUnavailableError):
        migrate(engine)
    with pytest.raises(StoreUnavailableError):
        schema_problem(engine)
