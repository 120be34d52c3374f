"""Bodies that try to be larger, longer or deeper than they may, and those that end too early."""

from __future__ import annotations

import gzip
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from moongate.control.accounts.answers import (
    CutOff,
    Inflating,
    Lines,
    Nonsense,
    read_answer,
    read_changes,
    read_head,
    read_records,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_gzip_in_pieces_is_what_it_was(size: int) -> None:
    text = b"".join(b"%d line\n" % number for number in range(5000))
    packed = gzip.compress(text)
    inflating = Inflating(is_gzip=True)
    pieces = [piece for at in range(0, len(packed), size) for piece in inflating.feed(packed[at : at + size])]
    inflating.end()
    assert b"".join(pieces) == text


def test_plain_passes_as_it_is() -> None:
    inflating = Inflating(is_gzip=False)
    assert list(inflating.feed(b"abc")) == [b"abc"]
    inflating.end()


def test_a_bomb_comes_in_small_pieces() -> None:
    packed = gzip.compress(bytes(32 * 1024 * 1024), 9)
    tracemalloc.start()
    total = sum(len(piece) for piece in Inflating(is_gzip=True).feed(packed))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total == 32 * 1024 * 1024
    assert peak < 4 * 1024 * 1024


def test_half_of_it_is_cut_off_and_no_gzip_is_nonsense() -> None:
    inflating = Inflating(is_gzip=True)
    list(inflating.feed(gzip.compress(b"x" * 1000)[:-5]))
    with pytest.raises(CutOff):
        inflating.end()
    with pytest.raises(Nonsense):
        list(Inflating(is_gzip=True).feed(b"<html>"))


def test_lines_wherever_they_are_cut() -> None:
    text = b"one\n\ntwo\nthree"
    for size in range(1, len(text) + 1):
        lines = Lines()
        found = [line for at in range(0, len(text), size) for line in lines.feed(text[at : at + size])]
        assert [*found, *lines.end()] == [b"one", b"", b"two", b"three"]


def test_a_line_without_end_is_refused_early() -> None:
    lines = Lines(max_bytes=1000)
    for _ in range(10):
        assert lines.feed(b"x" * 100) == []
    with pytest.raises(Nonsense, match="more than"):
        lines.feed(b"x")


def test_what_is_right() -> None:
    assert read_head(b'{"epoch": "e", "seq": 4, "records": 1}').seq == 4
    (record,) = read_records([b'{"kind": "client", "id": "c", "record": {"a": 1}}', b""])
    assert bytes(record.record) == b'{"a": 1}'
    changes = read_changes(b'{"epoch": "e", "seq": 5, "changes": [{"seq": 5, "kind": "k", "id": "i", "record": null}]}')
    assert bytes(changes.changes[0].record) == b"null"
    assert read_answer(b'{"epoch": "e", "seq": 5, "record": {}}').epoch == "e"


@pytest.mark.parametrize("read", [read_head, lambda body: read_records([body]), read_changes, read_answer])
@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"{",
        b"<html>busy</html>",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"epoch": "e", "seq": -1, "records": 0, "changes": [], "record": 0}',
        b'{"epoch": "e", "seq": 99999999999999999999999, "records": 0, "changes": [], "record": 0}',
        b'{"epoch": 7, "seq": 1, "records": 0, "changes": [], "record": 0}',
    ],
    ids=range(9),
)
def test_what_is_none(read: Callable[[bytes], object], body: bytes) -> None:
    with pytest.raises(Nonsense):
        read(body)
