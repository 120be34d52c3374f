"""Records as rows: whole replacement, and what a record that is none does to others."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import msgspec
import pytest

from gateway_harness.replicas import PEPPER, client_item, client_record, gone, item, key_record, pepper_record
from moongate.control.accounts.answers import Nonsense
from moongate.control.accounts.rows import Item, Rows, place_of
from moongate.control.accounts.sealing import Seal
from moongate.stores.replica_file import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(SCHEMA)
    yield connection
    connection.close()


def rows_of(connection: sqlite3.Connection) -> Rows:
    return Rows(connection, Seal(bytes(32)))


def credentials(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    return set(connection.execute("SELECT kind, id, client FROM credential"))


def test_a_client_leaves_nothing_behind(connection: sqlite3.Connection) -> None:
    rows = rows_of(connection)
    rows.put(client_item(1, keys=[key_record("a" * 12), key_record("b" * 12)], certificates=[{"subject": "CN=x"}]))
    assert credentials(connection) == {("key", "a" * 12, "c1"), ("key", "b" * 12, "c1"), ("certificate", "CN=x", "c1")}
    rows.put(client_item(1, keys=[key_record("c" * 12)]))
    assert credentials(connection) == {("key", "c" * 12, "c1")}
    rows.put(gone("client", "c1"))
    rows.put(gone("client", "never-there"))
    assert credentials(connection) == set()
    assert connection.execute("SELECT count(*) FROM client").fetchone() == (0,)


def test_twice_is_as_good_as_once(connection: sqlite3.Connection) -> None:
    rows = rows_of(connection)
    for _ in range(2):
        rows.put(client_item(1))
        rows.put(item("role", "r", {"name": "r"}))
        rows.put(item("pepper", "1", pepper_record()))
    assert connection.execute("SELECT (SELECT count(*) FROM client), (SELECT count(*) FROM shared)").fetchone() == (
        1,
        2,
    )


def test_a_pepper_is_sealed(connection: sqlite3.Connection) -> None:
    rows_of(connection).put(item("pepper", "1", pepper_record()))
    (sealed,) = connection.execute("SELECT record FROM shared").fetchone()
    assert PEPPER not in sealed
    assert Seal(bytes(32)).open(sealed, place_of(1)) == PEPPER


def test_a_client_that_is_none_is_refused_alone(connection: sqlite3.Connection) -> None:
    rows = rows_of(connection)
    rows.put(client_item(1))
    rows.put(client_item(2))
    rows.put(client_item(1, not_before="soon"))
    assert [text for (text,) in connection.execute("SELECT id FROM client")] == ["c2"]
    assert credentials(connection) == {("key", "k00000000002", "c2")}
    assert len(rows.problems) == 1
    assert "'c1'" in rows.problems[0]


@pytest.mark.parametrize(
    "wrong",
    [
        item("role", "r", {"grants": 1}),
        item("plan", "p", {"rate": "fast"}),
        item("pepper", "1", {"version": 1, "secret": "short"}),
        item("pepper", "2", pepper_record()),
        item("client", "c2", client_record(1)),
    ],
    ids=lambda wrong: wrong.kind,
)
def test_what_many_rest_on_is_not_guessed(connection: sqlite3.Connection, wrong: Item) -> None:
    with pytest.raises(Nonsense):
        rows_of(connection).put(wrong)


def test_kinds_of_a_later_time_are_passed_over(connection: sqlite3.Connection) -> None:
    rows = rows_of(connection)
    rows.put(Item("weather", "today", msgspec.Raw(b'{"rain": true}')))
    rows.put(gone("weather", "today"))
    assert rows.problems == []


def test_clear(connection: sqlite3.Connection) -> None:
    rows = rows_of(connection)
    rows.put(client_item(1))
    rows.put(item("role", "r", {"name": "r"}))
    rows.clear()
    assert credentials(connection) == set()
    assert connection.execute("SELECT count(*) FROM shared").fetchone() == (0,)
