"""One text that holds a config, or a part of one: its data, and where in it everything stands."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from moongate.config.problem import ConfigInvalid, Loc, Problem
from moongate.config.yaml_text import Place, YamlError, YamlReader

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_CONFIG_BYTES: Final = 16 * 1024 * 1024
"""10,000 routes take 2 MB; beyond this a file is something else, and reading it would cost memory for nothing."""

_EXCERPT_CHARS: Final = 160


class Document:
    """YAML, read. ``data`` is what it holds, scalars as text; ``flaws`` are problems that did not stop the reading."""

    def __init__(self, text: bytes | str, source: str) -> None:
        """Raise `ConfigInvalid` where ``text`` cannot be read at all. ``source`` names it in problems."""
        self.source = source
        self.text = _decoded(text, source)
        try:
            reader = YamlReader(self.text)
        except YamlError as error:
            raise ConfigInvalid([self._at(error.place, str(error))]) from None
        self.data: Any = reader.data
        self.flaws = tuple(self._at(place, message) for place, message in reader.flaws)

    def problem(self, loc: Loc, message: str, *, of_key: bool = False) -> Problem:
        """A problem with the value at ``loc`` (``of_key``: its key), or with the nearest thing above that exists."""
        for length in range(len(loc), 0, -1):
            places = self._places.get(loc[:length])
            if places is not None:
                return self._at(places[0] if of_key else places[1], message)
        return self._at((1, 1), message)

    @cached_property
    def _places(self) -> Mapping[Loc, tuple[Place, Place]]:
        """Read a second time, only when something is wrong: a config that is right need not pay for it."""
        return YamlReader(self.text, with_places=True).places

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    def _at(self, place: Place, message: str) -> Problem:
        line, col = place
        written = self._lines[line - 1] if line <= len(self._lines) else ""
        return Problem(self.source, line, col, message, written[:_EXCERPT_CHARS].rstrip())


def _decoded(text: bytes | str, source: str) -> str:
    if len(text) > MAX_CONFIG_BYTES:
        limit = MAX_CONFIG_BYTES // (1024 * 1024)
        raise ConfigInvalid([Problem(source, 0, 0, f"larger than {limit} MiB, which no config is")])
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        decoded = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "ignore")
        line, col = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        message = f"not UTF-8: byte 0x{raw[error.start]:02X}; save the file as UTF-8"
        raise ConfigInvalid([Problem(source, line, col, message)]) from None
    return decoded.replace("\r\n", "\n")
