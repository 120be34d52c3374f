"""Recognized lines: only those whose name was read before, and only what httptools would say of them."""

from __future__ import annotations

import pytest

from moongate.core.fields import DROP, FieldKinds
from moongate.core.limits import MAX_FIELDS, MAX_LINE_BYTES
from moongate.protocol.http1.lines import LineMemory


@pytest.fixture
def memory() -> LineMemory:
    kinds = FieldKinds(frozenset((b"host",)), frozenset((b"gone",)), underscored=DROP)
    for name in (b"A", b"X-B", b"x_under"):
        kinds.of(name)
    return LineMemory(kinds)


def test_known_lines_are_sorted_in_order(memory: LineMemory) -> None:
    block = b"A: 1\r\nHost: h \r\nGone: x\r\nX-B:2\r\nx_under: 3\r\nA: \r\n"
    for _ in range(2):  # the second time from memory
        assert memory.sort(block) == (b"A: 1\r\nX-B:2\r\nA: \r\n", [(b"host", b"h")])


def test_nothing_is_a_section_too(memory: LineMemory) -> None:
    assert memory.sort(b"") == (b"", [])


@pytest.mark.parametrize(
    "line",
    [
        b"C: 1",  # never read before
        b"a: 1",  # that spelling was not
        b"A",  # CVE-like: a known name without its colon
        b"Host",
        b"A : 1",
        b" A: 1",
        b"\tA: 1",
        b": 1",
        b"A: \x00",
        b"A: \x0b",
        b"A: \x7f",
        b"A: 1\nB: 2",
        b"A: 1\rB: 2",
        b"A: 1\r",
        b"A\x00: 1",
        b"A:" + b"x" * (MAX_LINE_BYTES - 1),
    ],
    ids=lambda line: repr(line[:16]),
)
def test_a_line_that_is_not_plainly_known_goes_to_the_parser(memory: LineMemory, line: bytes) -> None:
    assert memory.sort(b"A: 1\r\n" + line + b"\r\n") is None
    assert memory.sort(line + b"\r\nA: 1\r\n") is None


def test_a_line_is_recognized_up_to_the_longest_that_is_allowed(memory: LineMemory) -> None:
    line = b"A:" + b"x" * (MAX_LINE_BYTES - 2) + b"\r\n"
    assert memory.sort(line) == (line, [])


def test_octets_beyond_ascii_are_taken_as_they_are(memory: LineMemory) -> None:
    assert memory.sort(b"A: \xe9\x80\xff\r\n") == (b"A: \xe9\x80\xff\r\n", [])


def test_more_fields_than_allowed_are_not_recognized(memory: LineMemory) -> None:
    assert memory.sort(b"A: 1\r\n" * MAX_FIELDS * 2) is None


def test_the_memory_begins_anew_when_it_is_full(memory: LineMemory) -> None:
    for number in range(10_000):
        assert memory.sort(b"A: %d\r\n" % number) is not None
    assert len(memory._passed) + len(memory._special) <= 4096
    assert memory.sort(b"A: 1\r\nHost: h\r\n") == (b"A: 1\r\n", [(b"host", b"h")])


def test_long_lines_are_not_remembered(memory: LineMemory) -> None:
    memory.sort(b"A: " + b"x" * 4000 + b"\r\n")
    assert not memory._passed
