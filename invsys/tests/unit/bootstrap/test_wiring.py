"""The wiring."""

import pytest
from sqlalchemy import text

from invsys.bootstrap.settings import Settings
from invsys.bootstrap.wiring import MIGRATIONS, build_services
from invsys.domain.interval import NEVER, Interval
from invsys.domain.resource import Resource
from invsys.service.ports import AllocationQuery
from servicekit.core.errors import SettingError
from servicekit.storage.engine import WRITES, build_engine
from servicekit.testing.databases import Databases


def test_services_of_two_databases_live_side_by_side(databases: Databases) -> None:
    one, other = (build_services(Settings(database_url=databases.empty("sqlite"))) for _ in range(2))
    one.migrate()
    assert one.schema_problem() is None
    assert other.schema_problem() is not None
    one.close()
    other.close()


def test_a_bad_url_is_refused_before_anything_starts() -> None:
    with pytest.raises(SettingError):
        build_services(Settings(database_url="oracle://x"))


def test_what_the_first_release_stored_is_carried_on(engine_name: str, databases: Databases) -> None:
    """From revision 0001, with its rows: kinds appear, occupancy is made from the allocations, nothing is lost."""
    url = databases.empty(engine_name)
    engine = build_engine(url, 1, "invsys")
    MIGRATIONS.run(engine, "0001")
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        car = "'01890000-0000-7000-8000-000000000000'"
        connection.execute(text(f"INSERT INTO resources VALUES ({car}, 'car', 'red', 'active', 5, 2, 0)"))
        spans = ((10, 20, "confirmed"), (20, 30, "confirmed"), (40, NEVER, "confirmed"), (12, 18, "cancelled"))
        for number, (start, end, status) in enumerate(spans):
            ident = f"'01890000-0000-7000-8000-00000000000{number}'"
            values = f"{ident}, {car}, 'car', {start}, {end}, 'booking', '{status}', NULL, '[1]', 5, 1"
            connection.execute(text(f"INSERT INTO allocations VALUES ({values})"))
    MIGRATIONS.run(engine)
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
