"""A document knows where everything stands, and refuses what is no text."""

from __future__ import annotations

import pytest

from moongate.config.document import MAX_CONFIG_BYTES, Document
from moongate.config.problem import ConfigInvalid

TEXT = "a:\n  b: [x, {c: d}]\n"


@pytest.mark.parametrize(
    ("loc", "of_key", "place"),
    [
        (("a", "b"), False, (2, 6)),
        (("a", "b"), True, (2, 3)),
        (("a", "b", 1, "c"), False, (2, 14)),
        (("a", "b", 0, "deeper", "than", "written"), False, (2, 7)),
        (("a", "left_out", "b", 1, "left_out", "c"), True, (2, 11)),
        (("nowhere",), False, (1, 1)),
        ((), False, (1, 1)),
    ],
)
def test_place_of_a_problem(loc: tuple[str | int, ...], of_key: bool, place: tuple[int, int]) -> None:
    document = Document(TEXT, "f.yaml")
    problem = document.problem_at(document.place(loc, of_key=of_key), "wrong")
    assert (problem.line, problem.col) == place
    assert problem.excerpt == TEXT.splitlines()[place[0] - 1]


def test_windows_line_ends_and_a_byte_order_mark_do_not_count() -> None:
    document = Document(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "f.yaml")
    assert document.read().data == {"a": "1", "b": "2"}
    assert document.place(("b",)) == (2, 4)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"a: 1\nb: caf\xe9\n", "f.yaml:2:7: not UTF-8: byte 0xE9; save the file as UTF-8"),
        ("a: \ud800", "f.yaml:1:4: not UTF-8: byte 0xED; save the file as UTF-8"),
        (b"x" * (MAX_CONFIG_BYTES + 1), "f.yaml: larger than 16 MiB, which no config is"),
        (
            b"a: [",
            "f.yaml:2:1: not YAML: did not find expected node content (while parsing a flow node, begun in line 2)",
        ),
    ],
)
def test_what_is_no_text_is_one_problem(text: bytes | str, problem: str) -> None:
    with pytest.raises(ConfigInvalid) as raised:
        Document(text, "f.yaml").read()
    assert [str(each) for each in raised.value.problems] == [problem]


def test_long_lines_are_cut_in_excerpts() -> None:
    problem = Document("a: " + "x" * 100_000, "f.yaml").problem_at((1, 4), "wrong")
    assert len(problem.excerpt) == 160
