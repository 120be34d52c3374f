"""The store."""

import pytest

from invsys.adapters.store import SqlStore
from invsys.bootstrap.wiring import Services
from invsys.domain.resource import Resource
from invsys.service.ports import Transaction
from servicekit.core.clock import wall_clock
from servicekit.core.errors import StoreUnavailableError
from servicekit.storage.engine import build_engine

CAR = Resource("01890000-0000-7000-8000-000000000000", "car", "red", 1)


def test_a_database_that_is_gone_is_unavailable() -> None:
    for url in ("sqlite:////nonexistent/dir/a.db", "postgresql://127.0.0.1:1/none"):
        engine = build_engine(url, 1, "invsys")
        with pytest.raises(StoreUnavailableError):
            SqlStore(engine, wall_clock).read(lambda tx: tx.resources.get("car", "x"))
        engine.dispose()


def test_what_a_savepoint_undoes_is_not_in_the_history(services: Services) -> None:
    def work(tx: Transaction) -> None:
        tx.changes.record("made", CAR, None, {})
        try:
            with tx.savepoint():
                tx.resources.add(CAR)
                tx.changes.record("lost", CAR, None, {})
                raise KeyError
        except KeyError:
            pass

    services.store.write(work)
    assert services.store.read(lambda tx: tx.changes.last()) == 1
    assert services.store.read(lambda tx: tx.resources.get("car", CAR.id)) is None


def test_secrets_are_shared(services: Services) -> None:
    assert len(services.store.read(lambda tx: tx.secret("cursor"))) == 32
