"""Field lines that were read before are recognized, not parsed again.

Clients and services say the same lines over and over: reading a line anew costs ten times as much as looking it up.
httptools stays the judge: only names that it accepted are known, and a line whose name is known is taken when its value
holds no octet that a value must not hold (RFC 9110 section 5.5). Whatever else there is about a head makes the whole
head go to httptools.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moongate.core.fields import DROP
from moongate.core.limits import MAX_FIELDS, MAX_LINE_BYTES

if TYPE_CHECKING:
    from moongate.core.fields import FieldKinds
    from moongate.core.message import Field

VALUE_OCTETS: Final = bytes((0x09, *range(0x20, 0x7F), *range(0x80, 0x100)))

_PASSED: Final[Field] = (b"", b"")
_DROPPED: Final[Field] = (DROP, b"")
# Bounds of the memory: 1 MiB at the most. When it is full it begins anew, so that nobody can fill it for good.
_MAX_LINES: Final = 4096
_MAX_BYTES: Final = 256


class LineMemory:
    """The lines of one direction, requests or responses, for a whole process."""

    __slots__ = ("_kinds", "_lines")

    def __init__(self, kinds: FieldKinds) -> None:
        self._kinds = kinds
        self._lines: dict[bytes, Field] = {}

    def sort(self, block: bytes) -> tuple[bytes, list[Field]] | None:
        """Field lines, each with its CR LF, as those that pass and those that somebody must read, as (kind, value).

        None where a line is not recognized; the head must then be parsed.
        """
        lines = block.split(b"\r\n")
        if len(lines) > MAX_FIELDS:
            return None
        passing: list[bytes] = []
        special: list[Field] = []
        known = self._lines.get
        for line in lines:
            field = known(line)
            if field is None:
                if not line:
                    break  # behind the last CR LF
                field = self._recognize(line)
                if field is None:
                    return None
            if field is _PASSED:
                passing.append(line)
            elif field is not _DROPPED:
                special.append(field)
        passing.append(b"")
        return b"\r\n".join(passing), special

    def _recognize(self, line: bytes) -> Field | None:
        name, colon, value = line.partition(b":")
        kind = self._kinds.known(name)
        if kind is None or not colon or len(line) > MAX_LINE_BYTES or value.translate(None, VALUE_OCTETS):
            return None
        field = _DROPPED if kind is DROP else (kind, value.strip(b" \t")) if kind else _PASSED
        if len(line) <= _MAX_BYTES:
            if len(self._lines) >= _MAX_LINES:
                self._lines.clear()
            self._lines[line] = field
        return field
