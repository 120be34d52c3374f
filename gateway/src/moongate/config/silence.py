"""Warnings that a person has thought about: ``# moongate: allow CODE because REASON``.

The comment stands on the line of the warning, or alone on a line above it. One that silences nothing is a warning
itself, so that reasons do not outlive what they excuse.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from moongate.config.wording import listed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from moongate.config.document import Document
    from moongate.config.problem import Problem

_COMMENT: Final = re.compile(r"#\s*moongate:\s*(.*)")
_ALLOWANCE: Final = re.compile(r"allow (\S+) because \S.*")
UNUSED: Final = "unused-silence"


class _Silence(NamedTuple):
    source: str
    line: int
    code: str
    remark: Problem  # what to say if it silences nothing


def unsilenced(warnings: Sequence[Problem], documents: Sequence[Document], codes: Collection[str]) -> list[Problem]:
    """The ``warnings`` that no comment allows, and the comments that allow nothing; ``codes`` are all there are."""
    silences: list[_Silence] = []
    remaining: list[Problem] = []
    for document in documents:
        for found in _comments(document, codes):
            if isinstance(found, _Silence):
                silences.append(found)
            else:
                remaining.append(found)
    allowed = {(silence.source, silence.line, silence.code) for silence in silences}
    told = {(warning.source, warning.line, warning.code) for warning in warnings}
    remaining += [each for each in warnings if (each.source, each.line, each.code) not in allowed]
    remaining += [each.remark for each in silences if (each.source, each.line, each.code) not in told]
    return sorted(remaining)


def _comments(document: Document, codes: Collection[str]) -> Iterator[_Silence | Problem]:
    if "moongate:" not in document.text:
        return
    for number, line in enumerate(document.lines, 1):
        comment = _COMMENT.search(line)
        if comment is None:
            continue
        place = (number, comment.start() + 1)
        allowance = _ALLOWANCE.fullmatch(comment[1].strip())
        if allowance is None:
            yield document.problem_at(place, "write `# moongate: allow CODE because REASON`", code=UNUSED)
        elif allowance[1] not in codes:
            yield document.problem_at(
                place, f"no code `{allowance[1]}`: known are {listed(sorted(codes))}", code=UNUSED
            )
        else:
            remark = document.problem_at(place, f"nothing here needs `{allowance[1]}`: remove the comment", code=UNUSED)
            yield _Silence(document.source, _line_meant(document, number), allowance[1], remark)


def _line_meant(document: Document, number: int) -> int:
    """The line of a comment behind something; for one that stands alone, the next line that is no comment."""
    while number < len(document.lines) and document.lines[number - 1].lstrip().startswith("#"):
        number += 1
    return number
