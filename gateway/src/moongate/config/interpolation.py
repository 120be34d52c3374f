"""``${NAME}``, ``${NAME:-default}`` and ``${file:path}`` in values, put in when a config is read.

Whoever asks for a config's values later gets what was written, not what was put in: see `Sources.written`. A plain
``${`` is written ``$${``. Keys are left alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from moongate.config.problem import Finding, Loc

if TYPE_CHECKING:
    from collections.abc import Callable

_REFERENCE: Final = re.compile(r"(\$?)\$\{([^}]*)(\}?)")
_VARIABLE: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?\Z", re.DOTALL)


class Environment(NamedTuple):
    """Where values come from. ``variable`` gives None for one that is not set; ``file`` is given the config's name and
    the path as written, and raises ValueError with a message for what cannot be read."""

    variable: Callable[[str], str | None]
    file: Callable[[str, str], str]


def _no_variable(_name: str) -> str | None:
    return None


def _no_file(_source: str, _path: str) -> str:
    raise ValueError("no files are read here")


EMPTY_ENVIRONMENT: Final = Environment(_no_variable, _no_file)


class Interpolation:
    """Puts values into the data of one document.

    ``written`` keeps, by Loc, what stood there; ``findings`` what is wrong.
    """

    def __init__(self, source: str, environment: Environment) -> None:
        self.written: dict[Loc, str] = {}
        self.findings: list[Finding] = []
        self._source = source
        self._environment = environment

    def apply(self, value: Any, loc: Loc = ()) -> Any:
        """``value`` with everything put in; containers are new ones."""
        if isinstance(value, dict):
            return {key: self.apply(item, (*loc, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.apply(item, (*loc, index)) for index, item in enumerate(value)]
        if not isinstance(value, str) or "${" not in value:
            return value
        try:
            result = _REFERENCE.sub(self._resolve, value)
        except ValueError as error:
            self.findings.append(Finding(loc, str(error)))
            result = value
        self.written[loc] = value
        return result

    def _resolve(self, match: re.Match[str]) -> str:
        escape, inner, end = match.groups()
        if escape:
            return match[0][1:]
        if not end:
            raise ValueError(f"'{match[0][:40]}' is never closed: write ${{NAME}}")
        if inner.startswith("file:"):
            return self._file(inner.removeprefix("file:"))
        variable = _VARIABLE.match(inner)
        if variable is None:
            raise ValueError(
                f"{match[0][:60]}: write ${{NAME}}, ${{NAME:-default}} or ${{file:path}}; $${{ is a plain ${{"
            )
        name, default = variable.groups()
        value = self._environment.variable(name)
        if default is not None:
            return value or default
        if value is None:
            raise ValueError(f"${{{name}}} is not set in the environment: set it, or write ${{{name}:-default}}")
        return value

    def _file(self, path: str) -> str:
        try:
            return self._environment.file(self._source, path)
        except ValueError as error:
            raise ValueError(f"${{file:{path}}}: {error}") from None
