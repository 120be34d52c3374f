"""The chain of the audit."""

from dataclasses import replace
from typing import Any

import pytest

from accounts.domain.audit import BEGINNING, Entry, broken, seal


def chain(count: int) -> list[Entry]:
    entries: list[Entry] = []
    before = BEGINNING
    for seq in range(1, count + 1):
        entry = Entry(seq, seq * 10, "somebody", "thing.changed", "thing", {"n": seq, "é": "\u2028"}, "request")
        before = seal(entry, before)
        entries.append(replace(entry, seal=before))
    return entries


def test_a_whole_chain_holds() -> None:
    assert list(broken(chain(5))) == []
    assert list(broken([])) == []


@pytest.mark.parametrize(
    "change",
    [
        {"at": 7},
        {"actor": "nobody"},
        {"topic": "thing.removed"},
        {"subject": "other"},
        {"details": {"n": 99}},
        {"request_id": ""},
        {"seal": "0" * 64},
    ],
)
def test_no_member_can_be_altered(change: dict[str, Any]) -> None:
    entries = chain(5)
    entries[2] = replace(entries[2], **change)
    assert 3 in [seq for seq, _ in broken(entries)]


def test_none_can_be_removed_or_moved() -> None:
    entries = chain(5)
    assert [seq for seq, _ in broken(entries[:1] + entries[2:])] == [3]
    assert [seq for seq, _ in broken(entries[1:])] == [2]
    assert list(broken([entries[0], entries[2], entries[1]])) != []


def test_one_rewritten_with_a_right_seal_breaks_the_next() -> None:
    entries = chain(3)
    forged = replace(entries[1], actor="nobody")
    entries[1] = replace(forged, seal=seal(forged, entries[0].seal))
    assert [seq for seq, _ in broken(entries)] == [3]
