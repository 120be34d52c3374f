"""Migrations."""

import pytest
from sqlalchemy import text

from invsys.adapters.engine import build_engine
from invsys.adapters.migrate import migrate, schema_problem
from invsys.domain.errors import StoreUnavailableError
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


def test_a_database_that_is_gone_is_unavailable() -> None:
    engine = build_engine("sqlite:////nonexistent/dir/a.db", 1)
    with pytest.raises(StoreUnavailableError):
        migrate(engine)
    with pytest.raises(StoreUnavailableError):
        schema_problem(engine)
