"""The audit in SQL, on both engines."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from accounts.bootstrap.wiring import Services
from accounts.domain.audit import broken
from accounts.service.ports import AuditQuery
from accounts_harness.making import make_client
from servicekit.core.values import Origin
from servicekit.storage.engine import WRITES, build_engine


def test_many_writers_make_one_chain(services: Services) -> None:
    def write(number: int) -> None:
        for turn in range(10):
            make_client(services, f"{number} {turn}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = services.store.read(lambda tx: list(tx.audit.all()))
    assert list(broken(entries)) == []
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))


def test_pages_begin_with_the_newest(services: Services) -> None:
    client = make_client(services)

    def work(tx: object) -> None:
        tx.audit.record("client.seen", client.id, {})  # type: ignore[attr-defined]

    services.store.write(work, Origin("request", "eve"))
    page = services.store.read(lambda tx: tx.audit.page(AuditQuery(10, subject=client.id)))
    assert [entry.topic for entry in page] == ["client.seen", "client.created"]
    page = services.store.read(lambda tx: tx.audit.page(AuditQuery(1, before=page[0].seq)))
    assert [entry.topic for entry in page] == ["client.created"]
    assert [entry.actor for entry in services.store.read(lambda tx: tx.audit.page(AuditQuery(9, actor="eve")))] == [
        "eve"
    ]


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_the_database_itself_refuses_to_change_it(services: Services, database_url: str, statement: str) -> None:
    make_client(services)
    engine = build_engine(database_url, 1, "accounts").execution_options(**{WRITES: True})
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
