"""What rows' classes share, on both engines."""

from sqlalchemy import func, select

from accounts.adapters.sql import unless_taken
from accounts.adapters.tables import roles
from servicekit.storage.engine import WRITES, build_engine


def test_a_refusal_leaves_the_transaction_usable(database_url: str) -> None:
    engine = build_engine(database_url, 1, "accounts").execution_options(**{WRITES: True})
    row = {"name": "a", "grants": "[]", "created_at": 1, "version": 1}
    with engine.begin() as connection:
        assert unless_taken(connection, roles.insert().values(row))
        assert not unless_taken(connection, roles.insert().values(row))
        assert unless_taken(connection, roles.insert().values({**row, "name": "b"}))
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(roles)).scalar() == 2
    engine.dispose()
