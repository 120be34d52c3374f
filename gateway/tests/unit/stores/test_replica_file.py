"""What a worker reads while control writes."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from gateway_harness.replicas import apply, client_item, fill, gone, item, new_store, public_id
from moongate.stores.replica_file import CERTIFICATE, KEY, ReplicaReader

if TYPE_CHECKING:
    from pathlib import Path


def test_each_question(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    plan = item("plan", "p", {"name": "p"})
    fill(store, plan, client_item(1, certificates=[{"subject": "CN=one"}]), client_item(2))
    reader = ReplicaReader(store.path)
    by_key, by_subject = reader.client_of(KEY, public_id(1)), reader.client_of(CERTIFICATE, "CN=one")
    assert by_key is not None
    assert by_key[0] == "c1"
    assert by_key == by_subject == reader.client("c1")
    assert reader.shared("plan", "p") == b'{"name":"p"}'
    assert (reader.client_of(KEY, "CN=one"), reader.client("c3"), reader.shared("role", "p")) == (None, None, None)
    reader.close()
    store.close()


def test_every_commit_is_seen_and_nothing_before_it(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    fill(store, client_item(1))
    reader = ReplicaReader(store.path)
    store.begin_snapshot()
    store.add([client_item(2)])
    assert reader.client("c1") is not None
    assert reader.client("c2") is None
    store.abandon_snapshot()
    apply(store, client_item(2), gone("client", "c1"))
    assert reader.client("c1") is None
    assert reader.client("c2") is not None
    reader.close()
    store.close()


def test_it_is_read_only_and_never_made(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.Error):
        ReplicaReader(str(tmp_path / "none.sqlite")).client("c")
    assert not (tmp_path / "none.sqlite").exists()


def test_a_path_with_what_a_uri_is_made_of(tmp_path: Path) -> None:
    odd = tmp_path / "a b?c#d%20&e"
    odd.mkdir()
    store = new_store(odd)
    fill(store, client_item(1))
    reader = ReplicaReader(store.path)
    assert reader.client("c1") is not None
    reader.close()
    store.close()
