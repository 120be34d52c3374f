"""The replica's file: whole or not at all, its own or thrown away, and nothing secret in it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway_harness.replicas import (
    EPOCH,
    PEPPER,
    TOKEN,
    URL,
    apply,
    b64,
    change,
    client_item,
    fill,
    gone,
    item,
    new_store,
    pepper_record,
)
from moongate.control.accounts import moment
from moongate.control.accounts.answers import Nonsense
from moongate.control.accounts.place import PlaceInvalid
from moongate.control.accounts.store import Position, ReplicaStore, StoreBroken, StoreFailed
from moongate.stores.replica_file import ReplicaReader

if TYPE_CHECKING:
    from collections.abc import Callable


def clients(store: ReplicaStore) -> list[str]:
    connection = sqlite3.connect(store.path)
    found = [name for (name,) in connection.execute("SELECT id FROM client ORDER BY id")]
    connection.close()
    return found


def test_a_new_file_holds_nothing_and_is_nobody_elses(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    assert (store.position, store.contact, store.peppers, store.discarded) == (None, None, {}, "")
    fill(store, client_item(1))
    for suffix in ("", "-wal", "-shm"):
        assert Path(store.path + suffix).stat().st_mode & 0o777 == 0o600
    store.close()


def test_it_is_there_again_after_a_restart(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    fill(store, client_item(1), seq=41)
    apply(store, client_item(2))
    store.close()
    again = new_store(tmp_path)
    assert again.discarded == ""
    assert again.position == Position(EPOCH, 42)
    assert again.peppers == {1: PEPPER}
    assert again.contact is not None
    assert again.contact.age(moment.current()) < 60
    assert clients(again) == ["c1", "c2"]
    again.close()


def test_it_is_there_after_a_crash(tmp_path: Path) -> None:
    """The file as it is on disk while the writer still runs is what a killed process leaves."""
    store = new_store(tmp_path)
    fill(store, client_item(1))
    apply(store, client_item(2))
    copy = tmp_path / "copy"
    copy.mkdir()
    for suffix in ("", "-wal"):
        (copy / f"replica.sqlite{suffix}").write_bytes(Path(store.path + suffix).read_bytes())
    again = new_store(copy)
    assert again.discarded == ""
    assert clients(again) == ["c1", "c2"]
    again.close()
    store.close()


def test_a_copied_file_tells_no_secret(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    fill(store, client_item(1))
    store.close()
    text = Path(store.path).read_bytes()
    for secret in (PEPPER, b64(PEPPER).encode(), TOKEN.encode()):
        assert secret not in text


def make_it_garbage(path: Path) -> None:
    path.write_bytes(b"garbage" * 1000)


def make_it_another_database(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (x)")
    connection.close()


def make_it_of_the_future(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


def make_it_half(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE meta")
    connection.close()


def take_its_contact(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("UPDATE meta SET value = 'x' WHERE name = 'contact'")
    connection.commit()
    connection.close()


def swap_its_pepper(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("UPDATE shared SET record = x'00' WHERE kind = 'pepper'")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (make_it_garbage, "not a database"),
        (make_it_another_database, "no replica of accounts"),
        (make_it_of_the_future, "its format is 99"),
        (make_it_half, "no such table"),
        (take_its_contact, "makes no sense"),
        (swap_its_pepper, "pepper 1"),
    ],
)
def test_what_is_of_no_use_is_thrown_away_and_said(tmp_path: Path, spoil: Callable[[Path], None], why: str) -> None:
    store = new_store(tmp_path)
    fill(store, client_item(1))
    store.close()
    spoil(Path(store.path))
    again = new_store(tmp_path)
    assert why in again.discarded
    assert again.position is None
    assert clients(again) == []
    fill(again, client_item(2))
    assert clients(again) == ["c2"]
    again.close()


@pytest.mark.parametrize(("token", "url"), [("another-token-of-this", URL), (TOKEN, "http://127.0.0.1:10")])
def test_what_another_accounts_or_token_left_is_thrown_away(tmp_path: Path, token: str, url: str) -> None:
    store = new_store(tmp_path)
    fill(store, client_item(1))
    store.close()
    again = new_store(tmp_path, token, url)
    assert "another accounts" in again.discarded
    assert clients(again) == []
    again.close()


def test_a_snapshot_is_seen_when_it_is_whole(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    fill(store, client_item(1), item("role", "old", {"name": "old"}))
    store.begin_snapshot()
    store.add([client_item(2), item("pepper", "1", pepper_record())])
    assert clients(store) == ["c1"]
    store.end_snapshot(Position("e2", 7), moment.current())
    assert clients(store) == ["c2"]
    assert store.position == Position("e2", 7)
    reader = ReplicaReader(store.path)
    assert reader.shared("role", "old") is None
    reader.close()
    store.close()


def test_one_that_is_broken_off_was_never_there(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    fill(store, client_item(1))
    store.begin_snapshot()
    store.add([client_item(2)])
    with pytest.raises(Nonsense):
        store.add([item("role", "r", {"grants": 0})])
    store.abandon_snapshot()
    store.abandon_snapshot()
    assert clients(store) == ["c1"]
    assert store.position == Position(EPOCH, 1)
    apply(store, client_item(3))
    assert clients(store) == ["c1", "c3"]
    store.close()


def test_changes_say_what_they_changed(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    fill(store, client_item(1))
    at = Position(EPOCH, 1)
    some = [client_item(2), gone("client", "c1"), client_item(2, status="closed")]
    applied = store.apply(at, 4, [change(2 + n, each) for n, each in enumerate(some)], moment.current())
    assert applied.position == store.position == Position(EPOCH, 4)
    assert (list(applied.clients), applied.everything) == (["c2", "c1"], False)
    other = store.apply(applied.position, 5, [change(5, item("role", "r", {"name": "r"}))], moment.current())
    assert other.everything
    pepper = {"version": 2, "secret": b64(bytes(32))}
    store.apply(other.position, 6, [change(6, item("pepper", "2", pepper))], moment.current())
    assert store.peppers == {1: PEPPER, 2: bytes(32)}
    store.close()


def test_changes_are_taken_whole_or_not_at_all(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    fill(store, client_item(1))
    changes = [change(2, gone("client", "c1")), change(3, item("plan", "p", {"rate": 1}))]
    with pytest.raises(Nonsense):
        store.apply(Position(EPOCH, 1), 3, changes, moment.current())
    assert clients(store) == ["c1"]
    assert store.position == Position(EPOCH, 1)
    store.close()


def test_two_gateways_with_one_file_do_not_set_it_back(tmp_path: Path) -> None:
    one = new_store(tmp_path)
    fill(one, client_item(1))
    other = new_store(tmp_path)
    apply(one, client_item(2), gone("client", "c1"))
    late = other.apply(Position(EPOCH, 1), 2, [change(2, client_item(2))], moment.current())
    assert late.everything
    assert other.position == late.position == Position(EPOCH, 3)
    assert clients(other) == ["c2"]
    apply(one, client_item(4))
    other.touch(moment.current())
    other.close()
    one.close()
    again = new_store(tmp_path)
    assert again.position == Position(EPOCH, 4)
    again.close()


def test_an_answer_about_one_client_is_taken_when_it_is_newer(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    assert not store.absorb(9, client_item(1))
    fill(store, seq=5)
    assert not store.absorb(5, client_item(1))  # the feed has been there, and a revocation with it
    assert clients(store) == []
    assert store.absorb(6, client_item(1))
    assert clients(store) == ["c1"]
    assert store.position == Position(EPOCH, 5)
    store.begin_snapshot()
    assert not store.absorb(9, client_item(2))
    store.close()


def test_contact_is_kept(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    store.touch(moment.current())
    fill(store)
    later = moment.Moment(2e9, 1e9, "boot")
    store.touch(later)
    store.close()
    again = new_store(tmp_path)
    assert again.contact == later
    again.close()


def test_a_file_that_somebody_holds_can_not_be_written_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moongate.control.accounts.store._BUSY_SECONDS", 0.01)
    store = new_store(tmp_path)
    fill(store, client_item(1))
    holder = sqlite3.connect(store.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreFailed, match="locked"):
        apply(store, client_item(2))
    holder.execute("ROLLBACK")
    holder.close()
    apply(store, client_item(2))
    assert clients(store) == ["c1", "c2"]
    store.close()


def test_start_again(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    fill(store, client_item(1))
    store.start_again()
    assert (store.position, store.peppers) == (None, {})
    assert clients(store) == []
    fill(store, client_item(2))
    assert clients(store) == ["c2"]
    store.close()


def test_start_again_where_that_can_not_be_done_yet(tmp_path: Path) -> None:
    store = new_store(tmp_path / "var")
    fill(store, client_item(1))
    (tmp_path / "var").rename(tmp_path / "elsewhere")
    (tmp_path / "var").touch()
    with pytest.raises(PlaceInvalid):
        store.start_again()
    for step in (store.begin_snapshot, store.abandon_snapshot):  # as the feed does, until all is well
        with pytest.raises(StoreBroken):
            step()
    (tmp_path / "var").unlink()
    store.start_again()
    fill(store, client_item(2))
    assert clients(store) == ["c2"]
    store.close()


def test_a_closed_file_is_a_broken_one(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    fill(store)
    store.close()
    with pytest.raises(StoreBroken):
        apply(store, client_item(1))
