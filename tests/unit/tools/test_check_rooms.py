"""A small repository of one gateway room, which keeps every rule, is broken in one place a test."""

from pathlib import Path

import pytest

import check_rooms

CARD = """\
Purpose: a room to test with.
May import: nothing.
May touch: nothing.
I/O: no.
Tested by: tests/unit/core."""
PACKAGE = "gateway/src/moongate"
SOURCE = f"{PACKAGE}/core/clock.py"
MIRROR = "gateway/tests/unit/core/test_clock.py"


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def problems(root: Path) -> list[str]:
    return [str(problem) for problem in check_rooms.check_repository(root)]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    write(tmp_path, f"{PACKAGE}/__init__.py", f'"""Title.\n\n{CARD}\n"""\n')
    write(tmp_path, f"{PACKAGE}/__main__.py", "print()\n")
    write(tmp_path, f"{PACKAGE}/core/__init__.py", f'"""{CARD}\n"""\n\nfrom moongate.core.clock import now\n')
    write(tmp_path, SOURCE, "def now() -> int:\n    return 0\n")
    write(tmp_path, MIRROR, "")
    return tmp_path


def test_a_repository_that_keeps_the_rules_has_no_problem(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_rooms.main([str(repository)]) == 0
    assert "hold" in capsys.readouterr().out


def test_a_source_file_without_its_mirror_test_is_named_with_the_path_to_write(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / MIRROR).unlink()
    assert check_rooms.main([str(repository)]) == 1
    assert f"{SOURCE}:1: has no mirror test: write {MIRROR}" in capsys.readouterr().out


def test_migrations_need_neither_card_nor_mirror(repository: Path) -> None:
    write(repository, "invsys/src/invsys/__init__.py", f'"""{CARD}\n"""\n')
    write(repository, "invsys/src/invsys/migrations/versions/0001_first.py", "revision = 1\n")
    assert problems(repository) == []


def test_a_package_without_its_card_file_is_a_problem(repository: Path) -> None:
    (repository / f"{PACKAGE}/core/__init__.py").unlink()
    assert problems(repository) == [f"{PACKAGE}/core/__init__.py:1: is absent: every room has its card"]


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ("", "the room card has 0 lines"),
        (CARD.replace("I/O:", "IO:"), "misses or misplaces I/O:"),
        (CARD + "\nAnd: more.", "the room card has 6 lines"),
        ("\n".join(reversed(CARD.splitlines())), "misses or misplaces Purpose:"),
    ],
)
def test_a_card_that_is_not_the_five_lines_is_a_problem(repository: Path, card: str, said: str) -> None:
    write(repository, f"{PACKAGE}/core/__init__.py", f'"""{card}\n"""\n')
    [problem] = problems(repository)
    assert said in problem


def test_logic_in_a_card_file_is_a_problem_and_exports_are_none(repository: Path) -> None:
    write(
        repository,
        f"{PACKAGE}/core/__init__.py",
        f'"""{CARD}\n"""\n\nfrom os import sep\n\n__all__ = ["sep"]\nif sep:\n    pass\n',
    )
    assert problems(repository) == [
        f"{PACKAGE}/core/__init__.py:11: a room's __init__.py holds its card and re-exports, no logic"
    ]


def test_budgets_are_exact_and_all_breaches_come_at_once(repository: Path) -> None:
    body = "    pass\n" * 63
    write(repository, SOURCE, f"def fits(a, b, c, d, e):\n{body}")
    assert problems(repository) == []
    write(repository, SOURCE, f"async def long(a, b, *c, d, e, **f):\n{body}    pass\n" + "\n" * 336)
    assert problems(repository) == [
        f"{SOURCE}:1: has 401 lines: 400 at most",
        f"{SOURCE}:1: long has 6 parameters: 5 at most, else a settings struct",
        f"{SOURCE}:1: long has 65 lines: 64 at most",
    ]


def test_the_receiver_of_a_method_is_no_parameter(repository: Path) -> None:
    write(repository, SOURCE, "class A:\n    def f(self, a, b, c, d, e): ...\n")
    assert problems(repository) == []


def test_a_reason_on_the_spot_excuses_one_breach(repository: Path) -> None:
    allowed = "# rooms: allow parameters because they are the columns of one row\ndef f(a, b, c, d, e, f): ...\n"
    write(repository, SOURCE, allowed)
    assert problems(repository) == []
    write(repository, SOURCE, f"{allowed}\n\ndef g(a, b, c, d, e, f): ...\n")
    assert problems(repository) == [f"{SOURCE}:5: g has 6 parameters: 5 at most, else a settings struct"]


def test_an_allowance_without_a_reason_or_a_use_is_a_problem(repository: Path) -> None:
    write(repository, SOURCE, "# rooms: allow mirror\n# rooms: allow file-lines because it is a table\n")
    assert problems(repository) == [
        f"{SOURCE}:1: a room comment reads `# rooms: allow RULE because REASON`",
        f"{SOURCE}:2: allows file-lines, but nothing here needs it: remove the comment",
    ]


def test_a_file_that_does_not_parse_is_reported_beside_the_others(repository: Path) -> None:
    write(repository, SOURCE, "def (:\n")
    (repository / f"{PACKAGE}/core/__init__.py").unlink()
    assert [line.split(": ")[0] for line in problems(repository)] == [
        f"{PACKAGE}/core/__init__.py:1",
        f"{SOURCE}:1",
    ]
