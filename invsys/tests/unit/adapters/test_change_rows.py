"""The history in SQL."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from invsys.bootstrap.wiring import Services
from invsys.domain.resource import Resource
from invsys.service.ports import ChangeQuery
from servicekit.storage.engine import build_engine

CAR = Resource("01890000-0000-7000-8000-000000000000", "car", "red", 1)


def test_a_transaction_that_fails_leaves_no_number_behind(services: Services) -> None:
    def record(tx: object, fail: bool) -> None:
        tx.changes.record("made", CAR, None, {"ü": 1})  # type: ignore[attr-defined]
        if fail:
            raise KeyError

    services.store.write(lambda tx: record(tx, False))
    with pytest.raises(KeyError):
        services.store.write(lambda tx: record(tx, True))
    services.store.write(lambda tx: (record(tx, False), record(tx, False)))
    found = services.store.read(lambda tx: tx.changes.page(ChangeQuery(0, 10)))
    assert [change.seq for change in found] == [1, 2, 3]
    assert found[0].after == {"ü": 1}


@pytest.mark.parametrize("statement", ["UPDATE changes SET topic = 'x'", "DELETE FROM changes"])
def test_history_cannot_be_rewritten(services: Services, database_url: str, statement: str) -> None:
    services.store.write(lambda tx: tx.changes.record("made", CAR, None, {}))
    engine = build_engine(database_url, 1, "invsys")
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
