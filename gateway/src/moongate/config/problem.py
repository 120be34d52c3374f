"""One thing that is wrong with a config, and the exception that carries all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Loc: TypeAlias = "tuple[str | int, ...]"
"""Where in the config: keys and list indices from the root, as in ``("routes", 0, "match", "path")``."""


class Finding(NamedTuple):
    """Something wrong in the data: where, what to say, and whether it is about the key rather than its value."""

    loc: Loc
    message: str
    of_key: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """``line`` and ``col`` count from 1; line 0 says that no line is to blame. ``excerpt`` is the line as written."""

    source: str
    line: int
    col: int
    message: str
    excerpt: str = field(default="", compare=False)

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}:{self.col}" if self.line else self.source
        return f"{place}: {self.message}"


class ConfigInvalid(Exception):  # noqa: N818 - reads as what happened: raise ConfigInvalid(problems)
    """A config that must not be served; ``problems`` are all of them, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))
