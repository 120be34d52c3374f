"""What readers of YAML and TOML share: places, and the error that stops a reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from moongate.config.problem import Loc

Place: TypeAlias = tuple[int, int]
"""Line and column, from 1."""


class TextError(Exception):
    """The text cannot be read on from ``place``."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place


class Reader(Protocol):
    """A text, read: plain mappings, lists and scalars as text (None for nothing).

    ``flaws`` are what is wrong but did not stop the reading; ``places`` maps a Loc to the place of its key (or list
    item) and of its value, and is filled only on demand because it costs as much as the data.
    """

    data: Any
    flaws: list[tuple[Place, str]]
    places: dict[Loc, tuple[Place, Place]]


def place_at(text: str, offset: int) -> Place:
    """The place of the character at ``offset``."""
    return (text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
