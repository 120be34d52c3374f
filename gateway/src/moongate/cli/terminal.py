"""What is said to a person, and how: results on stdout, all else on stderr, problems with their line and a caret."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from moongate.config import Problem

FINE: Final = 0
PROBLEMS: Final = 1
USAGE: Final = 2

MAX_SHOWN: Final = 200
"""Problems printed; a file with more has one cause, and the first lines must not scroll away."""


def say(text: str) -> None:
    """A line of result, or several."""
    _write("\n".join(map(_printable, text.split("\n"))))


def complain(text: str) -> None:
    """One line of anything else."""
    sys.stderr.write(_printable(text) + "\n")


def say_json(value: object) -> None:
    """A result for a program: one JSON document, which is ASCII where the output can not take what it holds."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2)
    _write(text)


def say_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns as wide as their widest cell."""
    cells = [[_printable(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    for row in cells:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def complain_of(problems: Sequence[Problem]) -> None:
    """Every problem as ``file:line:col: message``, below it the line as written and a caret, and how many there are."""
    for problem in problems[:MAX_SHOWN]:
        complain(str(problem))
        if problem.excerpt and problem.col <= len(problem.excerpt):
            indent = len(problem.excerpt) - len(problem.excerpt.lstrip())
            complain("    " + problem.excerpt[indent:].replace("\t", " "))
            complain("    " + " " * (problem.col - 1 - indent) + "^")
    if len(problems) > MAX_SHOWN:
        complain(f"... and {len(problems) - MAX_SHOWN} more")
    complain(counted(len(problems), "problem"))


def refuse(problem: Problem, *, as_json: bool) -> None:
    """The one thing that stands in the way of an answer, where no file is to blame."""
    if as_json:
        say_json({"problems": plain([problem])})
    else:
        complain(str(problem))


def plain(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Problems for a document that a program reads."""
    return [asdict(problem) for problem in problems]


def counted(number: int, noun: str) -> str:
    """``1 route``, ``2 routes``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _write(text: str) -> None:
    encoding = sys.stdout.encoding
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _printable(text: str) -> str:
    """A config is input: what it holds must not steer the terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)
