"""One text that holds a config, or a part of one: its data on demand, and where in it everything stands."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from moongate.config.problem import ConfigInvalid, Loc, Problem
from moongate.config.text import Place, Reader, TextError, place_at
from moongate.config.toml_text import TomlReader
from moongate.config.yaml_text import YamlReader

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_CONFIG_BYTES: Final = 16 * 1024 * 1024
"""10,000 routes take 2 MB; beyond this a file is something else, and reading it would cost memory for nothing."""

_EXCERPT_CHARS: Final = 160


class Document:
    """YAML, or TOML where ``source`` ends in ``.toml``. Holds the text alone: data is read anew when asked for."""

    def __init__(self, text: bytes | str, source: str) -> None:
        """Raise `ConfigInvalid` where ``text`` is none. ``source`` names it in problems."""
        self.source = source
        self.text = _decoded(text, source)

    def read(self) -> Reader:
        """The data and its flaws. Raise `ConfigInvalid` where the text cannot be read to its end."""
        try:
            return self._reader(with_places=False)
        except TextError as error:
            raise ConfigInvalid([self.problem_at(error.place, str(error))]) from None

    def place(self, loc: Loc, *, of_key: bool = False) -> Place:
        """Where the value at ``loc`` stands, or the nearest thing above it that exists. Steps that a short form leaves
        out, as an only item its index, are passed over."""
        there: Loc = ()
        for step in loc:
            if (*there, step) in self._places:
                there = (*there, step)
        if not there:
            return (1, 1)
        places = self._places[there]
        return places[0] if of_key else places[1]

    def problem_at(self, place: Place, message: str, *, code: str = "") -> Problem:
        """A problem with the line at ``place`` as its excerpt."""
        line, col = place
        written = self.lines[line - 1] if line <= len(self.lines) else ""
        return Problem(self.source, line, col, message, written[:_EXCERPT_CHARS].rstrip(), code)

    @cached_property
    def lines(self) -> list[str]:
        """The text, line by line."""
        return self.text.split("\n")

    @cached_property
    def _places(self) -> Mapping[Loc, tuple[Place, Place]]:
        """Read a second time, only when something is wrong: a config that is right need not pay for it."""
        return self._reader(with_places=True).places

    def _reader(self, *, with_places: bool) -> Reader:
        if self.source.endswith(".toml"):
            return TomlReader(self.text, with_places=with_places)
        return YamlReader(self.text, with_places=with_places)


def _decoded(text: bytes | str, source: str) -> str:
    if len(text) > MAX_CONFIG_BYTES:
        limit = MAX_CONFIG_BYTES // (1024 * 1024)
        raise ConfigInvalid([Problem(source, 0, 0, f"larger than {limit} MiB, which no config is")])
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        decoded = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "ignore")
        message = f"not UTF-8: byte 0x{raw[error.start]:02X}; save the file as UTF-8"
        raise ConfigInvalid([Problem(source, *place_at(before, len(before)), message)]) from None
    return decoded.replace("\r\n", "\n")
