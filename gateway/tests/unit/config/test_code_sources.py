"""Places in a text of Python; with a whole gateway they are tested in test_builder.py."""

from __future__ import annotations

import pytest

from moongate.config.code_sources import Call, CodeSources
from moongate.config.problem import Finding, Loc

TEXT = """\
gateway = Gateway(limits={"in_flight": 1}, **MORE)
é = "é"; gateway.service("a", *TARGETS); gateway.service("b")
gateway.route(
    "r",
    "a",
    methods=["GET", x],
)
"""
SOURCES = CodeSources(Call("f.py", 1), {"a": Call("f.py", 2)}, [Call("f.py", 3), Call("other.py", 9)], {"f.py": TEXT})


@pytest.mark.parametrize(
    ("loc", "place"),
    [
        ((), (1, 11)),
        (("limits", "in_flight"), (1, 40)),
        (("limits", "absent"), (1, 26)),
        (("access_log",), (1, 11)),
        (("services", "a"), (2, 10)),
        (("services", "a", "targets", 0), (2, 10)),
        (("services", "none"), (1, 11)),
        (("routes", 0), (4, 5)),
        (("routes", 0, "service"), (5, 5)),
        (("routes", 0, "match"), (4, 5)),
        (("routes", 0, "match", "methods"), (6, 13)),
        (("routes", 0, "match", "methods", 1), (6, 21)),
        (("routes", 0, "match", "methods", 7), (6, 13)),
        (("routes", 0, "max_body"), (3, 1)),
    ],
)
def test_places(loc: Loc, place: tuple[int, int]) -> None:
    problem = SOURCES.problem(Finding(loc, "no"))
    assert (problem.source, problem.line, problem.col) == ("f.py", *place)
    assert problem.excerpt == TEXT.splitlines()[place[0] - 1]


def test_a_file_whose_text_is_not_at_hand() -> None:
    problem = SOURCES.problem(Finding(("routes", 1, "match", "path"), "no", see=("routes", 0)))
    assert str(problem) == "other.py:9:1: no; see f.py:4"
    assert problem.excerpt == ""
    assert SOURCES.line(("routes", 1)) == "other.py:9"
