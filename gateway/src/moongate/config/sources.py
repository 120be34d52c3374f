"""The documents that make up one config, as one: merged data, and for each place in it the document it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moongate.config.interpolation import Environment, Interpolation
from moongate.config.problem import ConfigInvalid, Finding, Loc, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from moongate.config.document import Document

_LISTS: Final = ("listeners", "trusted_proxies", "routes")
_MAPPINGS: Final = ("services", "filters")
_MAY_REPEAT: Final = "version"


class Sources:
    """``data`` is None where no document holds anything; ``problems`` are those of reading and merging."""

    def __init__(self, documents: Sequence[Document], environment: Environment) -> None:
        """Raise `ConfigInvalid` where a document cannot be read to its end."""
        self.documents = tuple(documents)
        self.problems: list[Problem] = []
        self.data: Any = None
        self._written: dict[Loc, str] = {}
        self._origins: dict[
            Loc, tuple[Document, Loc]
        ] = {}  # of merged sections' items, where there are several documents
        unreadable: list[Problem] = []
        for document in self.documents:
            try:
                data = self._read(document, environment)
            except ConfigInvalid as invalid:
                unreadable += invalid.problems
            else:
                self._merge(document, data)
        if unreadable:
            raise ConfigInvalid([*self.problems, *unreadable])

    def written(self, loc: Loc) -> str | None:
        """What was written at ``loc`` where something was put in: the only form that may be shown to anybody."""
        if not self._written:
            return None
        for each in (loc, *_shortened(loc)):
            for length in range(len(each), 0, -1):
                document, inner = self._origin(each[:length])
                found = self._written.get((document.source, *inner))
                if found is not None:
                    return found
        return None

    def problem(self, finding: Finding) -> Problem:
        """``finding`` with its place. A value that was put in is never part of a message."""
        document, loc = self._origin(finding.loc)
        message = finding.message
        written = None if finding.of_key else self.written(finding.loc)
        if written is not None:
            message = f"the value of {written} does not fit here (it is not shown)"
            message += f": {finding.wanted}" if finding.wanted else ""
        if finding.see:
            message += f"; see {self._reference(document, finding.see)}"
        return document.problem_at(document.place(loc, of_key=finding.of_key), message, code=finding.code)

    def line(self, loc: Loc) -> str:
        """``file:line`` of ``loc``."""
        document, inner = self._origin(loc)
        return f"{document.source}:{document.place(inner)[0]}"

    def _reference(self, document: Document, loc: Loc) -> str:
        other, inner = self._origin(loc)
        line = other.place(inner)[0]
        return f"line {line}" if other is document else f"{other.source}:{line}"

    def _read(self, document: Document, environment: Environment) -> Any:
        reader = document.read()
        self.problems += [document.problem_at(place, message) for place, message in reader.flaws]
        if "${" not in document.text:
            return reader.data
        interpolation = Interpolation(document.source, environment)
        data = interpolation.apply(reader.data)
        self.problems += [
            document.problem_at(document.place(each.loc), each.message) for each in interpolation.findings
        ]
        self._written.update({(document.source, *loc): text for loc, text in interpolation.written.items()})
        return data

    def _merge(self, document: Document, data: Any) -> None:
        if len(self.documents) == 1:
            self.data = data
        elif data is not None:
            self._merge_part(document, data)

    def _merge_part(self, document: Document, data: Any) -> None:
        if not isinstance(data, dict):
            self.problems.append(
                document.problem_at((1, 1), "a part of a config is a mapping, with keys such as `routes`")
            )
            return
        merged = self.data = self.data or {}
        for key, value in data.items():
            for loc, inner in self._merged(merged, key, value, document):
                self._origins[loc] = (document, inner)

    def _merged(self, merged: dict[str, Any], key: str, value: Any, document: Document) -> Iterator[tuple[Loc, Loc]]:
        """Put ``value`` into ``merged``; yields where each of its items went, and where it was in its document."""
        present = merged.get(key)
        if key in _LISTS and isinstance(value, list) and isinstance(present, list | None):
            start = len(present or ())
            merged[key] = [*(present or ()), *value]
            yield from (((key, start + index), (key, index)) for index in range(len(value)))
        elif key in _MAPPINGS and isinstance(value, dict) and isinstance(present, dict | None):
            before = present or {}
            for name in value:
                if name in before:
                    self._report_twice(document, (key, name))
            merged[key] = {**before, **{name: item for name, item in value.items() if name not in before}}
            yield from (((key, name), (key, name)) for name in value if name not in before)
        elif key not in merged:
            merged[key] = value
            yield ((key,), (key,))
        elif key != _MAY_REPEAT or value != present:
            self._report_twice(document, (key,))
        if (key,) not in self._origins:
            yield ((key,), (key,))

    def _report_twice(self, document: Document, loc: Loc) -> None:
        message = f"`{loc[-1]}` stands twice; see {self._reference(document, loc)}"
        self.problems.append(document.problem_at(document.place(loc, of_key=True), message))

    def _origin(self, loc: Loc) -> tuple[Document, Loc]:
        for length in range(len(loc), 0, -1):
            origin = self._origins.get(loc[:length])
            if origin is not None:
                document, inner = origin
                return document, (*inner, *loc[length:])
        return self.documents[0], loc


def _shortened(loc: Loc) -> Iterator[Loc]:
    """``loc``, which is the model's, without what short forms leave out: a list's only item has no index there, a
    mapping's main key no name."""
    for index in range(2, len(loc)):
        yield (*loc[:index], *loc[index + 1 :])
    for index in range(2, len(loc) - 1):
        yield (*loc[:index], *loc[index + 2 :])
