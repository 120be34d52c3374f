"""The tables in code are the tables the migrations make, on both engines."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from accounts.adapters.tables import metadata
from servicekit.storage.engine import build_engine


def test_migrations_and_tables_agree(database_url: str) -> None:
    engine = build_engine(database_url, 1, "accounts")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert differences == []
