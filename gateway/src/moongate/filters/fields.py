"""``request_headers`` and ``response_headers``: set, add and remove fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from moongate.core.edits import FieldEdits
from moongate.protocol.http1.encode import field_lines

if TYPE_CHECKING:
    from moongate.core.exchange import Exchange
    from moongate.core.message import Field
    from moongate.filters.port import Filter, Tools


@dataclass(frozen=True, slots=True)
class FieldsPlan:
    """``set`` replaces every field of its name, ``add`` stands beside them, ``remove`` are names in lower case."""

    kind: Literal["request_headers", "response_headers"]
    set: tuple[Field, ...] = ()
    add: tuple[Field, ...] = ()
    remove: tuple[bytes, ...] = ()
    written: tuple[tuple[bytes, str], ...] = ()  # what stands for a value that was put in from outside, by its name

    def bind(self, tools: Tools) -> Filter:
        names = frozenset((*self.remove, *(name.lower() for name, _ in self.set)))
        edits = FieldEdits(names, field_lines([*self.set, *self.add]))
        return _request(edits) if self.kind == "request_headers" else _response(edits)

    @property
    def hidden(self) -> object:
        return (self.set, self.add) if self.written else None

    def describe(self) -> dict[str, Any]:
        shown = dict(self.written)
        said: dict[str, Any] = {}
        for verb, fields in (("set", self.set), ("add", self.add)):
            if fields:
                said[verb] = {name.decode(): shown.get(name, value.decode("latin-1")) for name, value in fields}
        if self.remove:
            said["remove"] = [name.decode() for name in self.remove]
        return said


def _request(edits: FieldEdits) -> Filter:
    def request_headers(exchange: Exchange, /) -> None:
        exchange.edit(edits)

    return request_headers


def _response(edits: FieldEdits) -> Filter:
    def response_headers(exchange: Exchange, /) -> None:
        exchange.edit_response(edits)

    return response_headers
