"""Where in a Python file the parts of a config were written: the call, and the argument in it where it can be told."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from moongate.config.document import Document
from moongate.config.interpolation import Environment, Interpolation
from moongate.config.problem import Finding, Loc, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from moongate.config.text import Place

_ROUTE_ARGUMENTS: Final = {"name": 0, "service": 1}


class Call(NamedTuple):
    """One call: its file and the line that it begins in."""

    file: str
    line: int


Origin: TypeAlias = "tuple[Call, str | int, Loc]"
"""A call, its argument by name or position, and the way from there."""


class CodeSources:
    """The places of a config that a program wrote; see `moongate.config.sources.Sources`, whose part this plays."""

    def __init__(
        self, root: Call, services: Mapping[str, Call], routes: Sequence[Call], texts: Mapping[str, str]
    ) -> None:
        self.problems: list[Problem] = []
        self.data: Any = None
        self._root = root
        self._services = services
        self._routes = routes
        self._files = {name: _File(name, text) for name, text in texts.items()}
        self._written: dict[Loc, str] = {}

    @property
    def documents(self) -> tuple[Document, ...]:
        return tuple(file.document for file in self._files.values())

    def interpolated(self, data: Any, environment: Environment) -> Any:
        """``data`` with values put in."""
        interpolation = Interpolation(self._root.file, environment)
        result = interpolation.apply(data)
        self._written = interpolation.written
        self.problems += [self._problem_at(self._origin(each.loc), each.message) for each in interpolation.findings]
        return result

    def written(self, loc: Loc) -> str | None:
        """What was written at ``loc`` where something was put in."""
        return next((found for end in range(len(loc), 0, -1) if (found := self._written.get(loc[:end]))), None)

    def problem(self, finding: Finding) -> Problem:
        """``finding`` with its place. A value that was put in is never part of a message."""
        message = finding.message
        written = None if finding.of_key else self.written(finding.loc)
        if written is not None:
            message = f"the value of {written} does not fit here (it is not shown)"
            message += f": {finding.wanted}" if finding.wanted else ""
        if finding.see:
            message += f"; see {self.line(finding.see)}"
        return self._problem_at(self._origin(finding.loc), message, of_key=finding.of_key, code=finding.code)

    def stands_twice(self, name: str, call: Call) -> Problem:
        """The problem with a second service of one name."""
        return self._problem_at((call, 0, ()), f"`{name}` stands twice; see {self.line(('services', name))}")

    def line(self, loc: Loc) -> str:
        """``file:line`` of ``loc``."""
        origin = self._origin(loc)
        return f"{origin[0].file}:{self._place(origin)[0]}"

    def _origin(self, loc: Loc) -> Origin:
        """The call that wrote ``loc``, its argument, by name or position, and what is left of the way there."""
        section, *rest = loc or ("",)
        if section == "services" and rest and rest[0] in self._services:
            call = self._services[str(rest[0])]
            if rest[1:2] == ["targets"] and rest[2:]:
                return call, 1 + int(rest[2]), tuple(rest[3:])
            return call, str(rest[1]) if rest[1:] else 0, tuple(rest[2:])
        if section == "routes" and rest:
            call, inner = self._routes[int(rest[0])], rest[2:] if rest[1:2] == ["match"] else rest[1:]
            if not inner:
                return call, 0, ()
            return call, _ROUTE_ARGUMENTS.get(str(inner[0]), str(inner[0])), tuple(inner[1:])
        return self._root, str(section), tuple(rest)

    def _problem_at(self, origin: Origin, message: str, *, of_key: bool = False, code: str = "") -> Problem:
        place = self._place(origin, of_key=of_key)
        file = self._files.get(origin[0].file)
        if file is None:
            return Problem(origin[0].file, *place, message, code=code)
        return file.document.problem_at(place, message, code=code)

    def _place(self, origin: Origin, *, of_key: bool = False) -> Place:
        call, argument, rest = origin
        file = self._files.get(call.file)
        return (call.line, 1) if file is None else file.place(call.line, argument, rest, of_key=of_key)


class _File:
    """A text of Python that ran, so it can be parsed."""

    def __init__(self, name: str, text: str) -> None:
        self.document = Document(text, name)

    def place(self, line: int, argument: str | int, rest: Loc, *, of_key: bool) -> Place:
        """The place of an argument of the call that begins in ``line``, or of a part of it that is written out."""
        call = self._calls.get(line)
        if call is None:
            return (line, 1)
        found: ast.expr | ast.keyword = call
        if isinstance(argument, str):
            keyword = next((each for each in call.keywords if each.arg == argument), None)
            found = call if keyword is None else keyword if of_key and not rest else keyword.value
        elif argument < len(call.args) and not any(isinstance(each, ast.Starred) for each in call.args):
            found = call.args[argument]
        for number, part in enumerate(rest if found is not call else (), 1):
            inner = _part(found, part, of_key=of_key and number == len(rest))
            if inner is None:
                break
            found = inner
        before = self.document.lines[found.lineno - 1].encode()[: found.col_offset]
        return (found.lineno, len(before.decode(errors="ignore")) + 1)

    @cached_property
    def _calls(self) -> dict[int, ast.Call]:
        """By line; of several that begin in one, the outermost."""
        calls: dict[int, ast.Call] = {}
        for node in ast.walk(ast.parse(self.document.text)):
            if isinstance(node, ast.Call):
                calls.setdefault(node.lineno, node)
        return calls


def _part(node: ast.AST, part: str | int, *, of_key: bool) -> ast.expr | None:
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == part:
                return key if of_key else value
    if isinstance(node, ast.List | ast.Tuple) and isinstance(part, int) and part < len(node.elts):
        return node.elts[part]
    return None
