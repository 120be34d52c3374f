"""Transactions."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from servicekit.core.errors import StoreUnavailableError
from servicekit.storage.engine import build_engine
from servicekit.storage.transactions import ATTEMPTS, Transactions


class Deadlock(Exception):  # noqa: N818 - stands in for the driver's exception of that meaning
    sqlstate = "40P01"


def test_a_deadlock_is_tried_again_a_few_times(database_url: str) -> None:
    engine = build_engine(database_url, 1, "notes")
    tries = 0

    def work(_tx: object) -> int:
        nonlocal tries
        tries += 1
        if tries < ATTEMPTS:
            raise OperationalError("statement", None, Deadlock())
        return tries

    assert Transactions(engine).write(work) == ATTEMPTS
    tries = -ATTEMPTS
    with pytest.raises(StoreUnavailableError):
        Transactions(engine).write(work)
    engine.dispose()


def test_a_database_that_is_gone_is_unavailable() -> None:
    for url in ("sqlite:////nonexistent/dir/a.db", "postgresql://127.0.0.1:1/none"):
        engine = build_engine(url, 1, "notes")
        with pytest.raises(StoreUnavailableError):
            Transactions(engine).read(lambda connection: connection.execute(text("SELECT 1")))
        engine.dispose()


def test_a_pool_that_is_used_up_is_unavailable(database_url: str) -> None:
    engine = build_engine(database_url, 1, "notes")
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
            Transactions(engine).read(lambda connection: connection.execute(text("SELECT 1")))
    finally:
        release.set()
        thread.join()
        engine.dispose()
