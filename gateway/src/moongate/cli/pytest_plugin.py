"""Cases as pytest items: ``*_test.yaml`` files that hold ``cases:`` are collected where Moongate is installed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from moongate.cli.cases import LoadedCases
    from moongate.config import Problem

_SUFFIX: Final = "_test.yaml"
_HAS_CASES: Final = re.compile(rb"^cases:", re.MULTILINE)
_SNIFFED_BYTES: Final = 64 * 1024


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> CasesFile | None:
    """Other tools have files of this name too: only one with a key ``cases`` is ours."""
    if not file_path.name.endswith(_SUFFIX):
        return None
    with file_path.open("rb") as file:
        if not _HAS_CASES.search(file.read(_SNIFFED_BYTES)):
            return None
    return CasesFile.from_parent(parent, path=file_path)


class CaseMismatchError(Exception):
    """A case that failed, or a file that is wrong, as lines for the report."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))


class CasesFile(pytest.File):
    """One file of cases."""

    def collect(self) -> Iterator[CaseItem]:
        """Every case; a wrong file is one error of the collection."""
        from moongate.cli.cases import load_cases  # not before there is a file: other people's test runs stay quick
        from moongate.config import ConfigInvalid

        try:
            loaded = load_cases(str(self.path))
        except ConfigInvalid as invalid:
            raise self.CollectError(str(invalid)) from None
        for index, case in enumerate(loaded.cases.config.cases):
            yield CaseItem.from_parent(self, name=case.name or case.request, loaded=loaded, index=index)


class CaseItem(pytest.Item):
    """One case."""

    def __init__(self, *, loaded: LoadedCases, index: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._loaded = loaded
        self._index = index

    def runtest(self) -> None:
        """Decide the request; raise where the decision is not the expected one."""
        from moongate.compile.cases import run_case

        result = run_case(self._loaded.cases, self._index, self._loaded.ground)
        if result.problems:
            raise CaseMismatchError(result.problems)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Only what a person needs: the file, the line, and what was found instead."""
        if isinstance(excinfo.value, CaseMismatchError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the case stands."""
        _, _, line = self._loaded.cases.sources.line(("cases", self._index)).rpartition(":")
        return self.path, int(line) - 1, self.name
