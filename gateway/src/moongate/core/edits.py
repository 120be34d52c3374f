"""What filters change about a message's fields, as one value that is made once and applied to many messages."""

from __future__ import annotations

from moongate.core.message import lines_without


class FieldEdits:
    """Immutable: fields to drop, by lower-case name, and whole field lines to add behind the others.

    Two exchanges with the same object have the same edits, by which the writer knows that what it wrote for one serves
    the other.
    """

    __slots__ = ("_both", "_later", "drops", "lines")

    def __init__(self, drops: frozenset[bytes] = frozenset(), lines: bytes = b"") -> None:
        self.drops = drops
        self.lines = lines
        self._later: FieldEdits | None = None
        self._both: FieldEdits | None = None

    def __repr__(self) -> str:
        return f"<FieldEdits drops={sorted(self.drops)} lines={len(self.lines)} octets>"

    def apply(self, lines: bytes) -> bytes:
        """``lines``, field lines each with its CR LF, as they are after these edits."""
        return (lines_without(lines, self.drops) if self.drops else lines) + self.lines

    def then(self, later: FieldEdits) -> FieldEdits:
        """These edits and ``later`` ones as one; the same object where it is asked for again and again."""
        if self._both is None or self._later is not later:
            added = lines_without(self.lines, later.drops) if later.drops else self.lines
            self._both = FieldEdits(self.drops | later.drops, added + later.lines)
            self._later = later
        return self._both
