"""The store, on both engines."""

import pytest

from accounts.adapters.store import SqlStore
from accounts.bootstrap.wiring import Services
from servicekit.core.clock import wall_clock
from servicekit.core.errors import StoreUnavailableError
from servicekit.storage.engine import build_engine


def test_a_transaction_that_fails_tells_nothing(services: Services) -> None:
    before = services.store.read(lambda tx: (tx.feed.state(), tx.audit.last()))

    def work(tx: object) -> None:
        tx.feed.publish("plan", "a", {})  # type: ignore[attr-defined]
        tx.audit.record("plan.created", "a", {})  # type: ignore[attr-defined]
        raise KeyError

    with pytest.raises(KeyError):
        services.store.write(work)
    assert services.store.read(lambda tx: (tx.feed.state(), tx.audit.last())) == before


def test_secrets_are_shared(services: Services) -> None:
    assert len(services.store.read(lambda tx: tx.secret("cursor"))) == 32


def test_a_database_that_is_gone_is_unavailable() -> None:
    for url in ("sqlite:////nonexistent/dir/a.db", "postgresql://127.0.0.1:1/none"):
        engine = build_engine(url, 1, "accounts")
        store = SqlStore(engine, wall_clock)
        with pytest.raises(StoreUnavailableError):
            store.snapshot(lambda state, *_: state)
        engine.dispose()
