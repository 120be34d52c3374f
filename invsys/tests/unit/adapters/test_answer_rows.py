"""Stored answers in SQL."""

import pytest

from invsys.bootstrap.wiring import Services
from invsys.domain.errors import RequestRunningError
from invsys.service.ports import StoredAnswer, Transaction

ANSWER = StoredAnswer("print", 201, {"ETag": '"1"'}, '{"ü":1}')


def test_what_is_stored_comes_back(services: Services) -> None:
    services.store.write(lambda tx: tx.idempotency.add("key", ANSWER, 1))
    assert services.store.read(lambda tx: tx.idempotency.find("key")) == ANSWER
    assert services.store.read(lambda tx: tx.idempotency.find("other")) is None


def test_on_postgresql_a_key_that_another_works_under_is_running(engine_name: str, services: Services) -> None:
    if engine_name != "postgresql":
        pytest.skip("on SQLite a twin waits for the only writer there is")

    def work(tx: Transaction) -> None:
        tx.idempotency.find("key")
        with pytest.raises(RequestRunningError):
            services.store.write(lambda other: other.idempotency.find("key"))
        services.store.write(lambda other: other.idempotency.find("another key"))

    services.store.write(work)
    services.store.write(lambda tx: tx.idempotency.find("key"))
