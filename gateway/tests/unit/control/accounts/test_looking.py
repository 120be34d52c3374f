import contextlib
import sqlite3
from pathlib import Path

import pytest

from gateway_harness.granted import granted
from gateway_harness.replicas import PEPPER, TOKEN, URL, public_id
from moongate.compile.snapshot import AccountsPlan
from moongate.control.accounts.looking import LookFailed, looking


def plan(directory: Path, **other: str) -> AccountsPlan:
    said = {"url": URL, "token": TOKEN, "replica": str(directory / "replica.sqlite"), **other}
    return AccountsPlan(said["url"], said["token"], 900.0, said["replica"])


def test_clients_are_found_by_id_and_by_name(tmp_path: Path) -> None:
    granted(tmp_path)
    with looking(plan(tmp_path)) as sight:
        assert sight.client_ids() == ["c1", "c2", "c3"]
        assert (sight.id_of("c2"), sight.id_of("Client 3"), sight.id_of("nobody")) == ("c2", "c3", None)
        assert sight.replica.find_key(public_id(1).encode()) is not None
        assert sight.replica.pepper(1) == PEPPER


def test_looking_changes_nothing(tmp_path: Path) -> None:
    granted(tmp_path)
    before = (tmp_path / "replica.sqlite").read_bytes()
    with looking(plan(tmp_path)) as sight:
        sight.client_ids()
    assert (tmp_path / "replica.sqlite").read_bytes() == before


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"token": "x" * 16}, "is of another accounts, or was kept under another token"),
        ({"url": "http://elsewhere:1"}, "is of another accounts, or was kept under another token"),
        ({"replica": "nowhere.sqlite"}, "there is no replica of accounts in nowhere.sqlite"),
    ],
)
def test_what_can_not_be_looked_at_is_said(tmp_path: Path, other: dict[str, str], said: str) -> None:
    granted(tmp_path)
    with pytest.raises(LookFailed, match=said), looking(plan(tmp_path, **other)):
        pass


@pytest.mark.parametrize("junk", [b"", b"no database at all, but long enough to be taken for one" * 99])
def test_junk_is_no_replica(tmp_path: Path, junk: bytes) -> None:
    (tmp_path / "replica.sqlite").write_bytes(junk)
    with pytest.raises(LookFailed), looking(plan(tmp_path)):
        pass


def test_one_that_is_broken_inside_is_said(tmp_path: Path) -> None:
    granted(tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / "replica.sqlite")) as connection, connection:
        connection.execute("DROP TABLE client")
    with pytest.raises(LookFailed, match="can not be read: no such table: client"), looking(plan(tmp_path)) as sight:
        sight.client_ids()


def test_without_accounts_there_is_nothing_to_look_at() -> None:
    with pytest.raises(LookFailed, match="names no `accounts`"), looking(None):
        pass
