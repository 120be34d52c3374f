"""Field lines that were read before are recognized, not parsed again.

Clients and services say the same lines over and over: reading a line anew costs ten times as much as looking it up.
httptools stays the judge: only names that it accepted are known, and a line whose name is known is taken when its value
holds no octet that a value must not hold (RFC 9110 section 5.5). Whatever else there is about a head makes the whole
head go to httptools.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moongate.core.fields import DROP, PASS
from moongate.core.limits import MAX_FIELDS, MAX_LINE_BYTES

if TYPE_CHECKING:
    from moongate.core.fields import FieldKinds
    from moongate.core.message import Field

VALUE_OCTETS: Final = bytes((0x09, *range(0x20, 0x7F), *range(0x80, 0x100)))

_PASSED: Final[Field] = (PASS, b"")
_DROPPED: Final[Field] = (DROP, b"")
# Bounds of the memory: 1 MiB at the most. When it is full it begins anew, so that nobody can fill it for good.
_MAX_LINES: Final = 4096
_MAX_BYTES: Final = 256


class FieldSorter:
    """What httptools calls while it reads one head. Made anew for each: llhttp then waits for a body it is never
    shown. ``special`` are the fields that somebody must read, as (kind, value)."""

    __slots__ = ("_kinds", "is_complete", "passing", "special")

    def __init__(self, kinds: FieldKinds) -> None:
        self._kinds = kinds
        self.passing: list[Field] = []
        self.special: list[Field] = []
        self.is_complete = False

    @property
    def is_too_many(self) -> bool:
        return len(self.passing) + len(self.special) > MAX_FIELDS

    def on_header(self, name: bytes, value: bytes) -> None:
        value = value.strip(b" \t")
        kind = self._kinds.of(name)
        if kind:
            self.special.append((kind, value))
        else:
            self.passing.append((name, value))

    def on_headers_complete(self) -> None:
        self.is_complete = True


class LineMemory:
    """The lines of one direction, requests or responses, for a whole process."""

    __slots__ = ("_kinds", "_passed", "_special")

    def __init__(self, kinds: FieldKinds) -> None:
        self._kinds = kinds
        self._passed: set[bytes] = set()
        self._special: dict[bytes, Field] = {}

    def sort(self, block: bytes) -> tuple[bytes, list[Field]] | None:
        """Field lines, each with its CR LF, as those that pass and those that somebody must read, as (kind, value).

        None where a line is not recognized; the head must then be parsed.
        """
        lines = block.split(b"\r\n")
        if len(lines) > MAX_FIELDS:
            return None
        del lines[-1]  # what is behind the last CR LF: nothing
        passed = self._passed
        others = [line for line in lines if line not in passed]
        special: list[Field] = []
        kept_back: list[bytes] = []
        for line in others:
            field = self._special.get(line) or self._recognize(line)
            if field is None:
                return None
            if field[0] != PASS:
                kept_back.append(line)
                if field[0] != DROP:
                    special.append(field)
        if not kept_back:
            return block, special
        passing = [line for line in lines if line not in kept_back]
        passing.append(b"")
        return b"\r\n".join(passing), special

    def _recognize(self, line: bytes) -> Field | None:
        name, colon, value = line.partition(b":")
        kind = self._kinds.known(name)
        if kind is None or not colon or len(line) > MAX_LINE_BYTES or value.translate(None, VALUE_OCTETS):
            return None
        field = _DROPPED if kind == DROP else (kind, value.strip(b" \t")) if kind else _PASSED
        if len(line) <= _MAX_BYTES:
            self._remember(line, field)
        return field

    def _remember(self, line: bytes, field: Field) -> None:
        if len(self._passed) + len(self._special) >= _MAX_LINES:
            self._passed.clear()
            self._special.clear()
        if field[0] == PASS:
            self._passed.add(line)
        else:
            self._special[line] = field
