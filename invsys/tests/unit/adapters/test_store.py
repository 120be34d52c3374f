"""The store."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from invsys.adapters.clock import wall_clock
from invsys.adapters.engine import build_engine
from invsys.adapters.store import ATTEMPTS, SqlStore
from invsys.domain.errors import StoreUnavailableError


class Deadlock(Exception):  # noqa: N818 - stands in for the driver's exception of that meaning
    sqlstate = "40P01"


def test_a_deadlock_is_tried_again_a_few_times(database_url: str) -> None:
    engine = build_engine(database_url, 1)
    tries = 0

    def work(_tx: object) -> int:
        nonlocal tries
        tries += 1
        if tries < ATTEMPTS:
            raise OperationalError("statement", None, Deadlock())
        return tries

    assert SqlStore(engine, wall_clock).write(work) == ATTEMPTS
    tries = -ATTEMPTS
    with pytest.raises(StoreUnavailableError):
        SqlStore(engine, wall_clock).write(work)
    engine.dispose()


def test_a_database_that_is_gone_is_unavailable() -> None:
    for url in ("sqlite:////nonexistent/dir/a.db", "postgresql://127.0.0.1:1/none"):
        engine = build_engine(url, 1)
        with pytest.raises(StoreUnavailableError):
            SqlStore(engine, wall_clock).read(lambda tx: tx.resources.get("car", "x"))
        engine.dispose()


def test_a_pool_that_is_used_up_is_unavailable(database_url: str) -> None:
    engine = build_engine(database_url, 1)
    engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    held = threading.Event()
    release = threading.Event()

    def hold() -> None:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            held.set()
            release.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    try:
        with pytest.raises(StoreUnavailableError):
            SqlStore(engine, wall_clock).read(lambda tx: tx.resources.get("car", "x"))
    finally:
        release.set()
        thread.join()
        engine.dispose()
