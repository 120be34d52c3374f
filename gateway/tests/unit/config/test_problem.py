"""Problems print as editors expect them, in the order of the file."""

from __future__ import annotations

from moongate.config.problem import ConfigInvalid, Problem


def test_a_problem_prints_its_place() -> None:
    assert str(Problem("a.yaml", 3, 7, "wrong")) == "a.yaml:3:7: wrong"
    assert str(Problem("--to", 0, 0, "wrong")) == "--to: wrong"


def test_problems_are_sorted_and_told_once() -> None:
    late, early = Problem("a.yaml", 10, 1, "z"), Problem("a.yaml", 9, 5, "y")
    again = Problem("a.yaml", 9, 5, "y", excerpt="another reader of the same line")
    assert ConfigInvalid([late, early, again]).problems == (early, late)
    assert str(ConfigInvalid([late, early])) == "a.yaml:9:5: y\na.yaml:10:1: z"
