"""One thing that is wrong with a config, and the exception that carries all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Loc: TypeAlias = "tuple[str | int, ...]"
"""Where in the config: keys and list indices from the root, as in ``("routes", 0, "match", "path")``."""


class Finding(NamedTuple):
    """Something wrong in the data: where, and what to say.

    ``of_key``: it is about the key rather than its value. ``see``: another place that the message ends on. ``wanted``:
    what belongs there, for when the message may not be shown because it could tell a secret. ``code``: of a warning.
    """

    loc: Loc
    message: str
    of_key: bool = False
    see: Loc = ()
    wanted: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """``line`` and ``col`` count from 1; line 0 says that no line is to blame. ``excerpt`` is the line as written.

    ``code`` names a kind of warning, which may be silenced; what stops a config from being served has none.
    """

    source: str
    line: int
    col: int
    message: str
    excerpt: str = field(default="", compare=False)
    code: str = ""

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}:{self.col}" if self.line else self.source
        return f"{place}: {self.message}" + (f" [{self.code}]" if self.code else "")


class ConfigInvalid(Exception):  # noqa: N818 - reads as what happened: raise ConfigInvalid(problems)
    """A config that must not be served; ``problems`` are all of them, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))
