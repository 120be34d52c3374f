"""TOML text to the same plain data that YAML gives, with places.

`tomllib` reads and judges; it knows no places, so a second pass over a text that is known to be right finds them.
Numbers and booleans become text as written, so that one rule for each field holds in both languages.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Final

from moongate.config.text import Place, TextError, place_at

if TYPE_CHECKING:
    from moongate.config.problem import Loc

_ERROR_PLACE: Final = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)\Z", re.DOTALL)
_SPACE: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_DOT: Final = re.compile(r"[ \t]*\.[ \t]*")
_STRING: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")|' + r"'''.*?'{3,5}(?!')|" + r'"(?:[^"\\\n]|\\.)*"|' + r"'[^'\n]*'", re.DOTALL
)
_BARE: Final = re.compile(r"[^,\]}\n#]+")


class TomlReader:
    """Reads one document; see `moongate.config.text.Reader`."""

    def __init__(self, text: str, *, with_places: bool = False) -> None:
        self.flaws: list[tuple[Place, str]] = []
        try:
            self.data: Any = _as_text(tomllib.loads(text, parse_float=str))
        except tomllib.TOMLDecodeError as error:
            raise _flaw(error, text) from None
        except RecursionError:
            raise TextError((1, 1), "nested too deeply") from None
        self.places: dict[Loc, tuple[Place, Place]] = _Places(text).found if with_places else {}


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


_TWICE: Final = "Cannot overwrite a value"
_IN_WORDS: Final = {
    _TWICE: "this key stands twice",
    "Invalid value": "no value here; text stands in quotes",
    "Invalid initial character for a key part": "no key; one of unusual characters stands in quotes",
    "Unescaped '\\' in a string": "a backslash in a string is written \\\\, or the string in single quotes",
}


def _flaw(error: tomllib.TOMLDecodeError, text: str) -> TextError:
    match = _ERROR_PLACE.match(str(error))
    said = match[1] if match else str(error)
    place = place_at(text, len(text)) if match is None or match[2] is None else (int(match[2]), int(match[3]))
    if said == _TWICE:  # noticed behind the value
        line = text.split("\n")[place[0] - 1]
        place = (place[0], len(line) - len(line.lstrip()) + 1)
    return TextError(place, f"not TOML: {_IN_WORDS.get(said) or said[:1].lower() + said[1:]}")


class _Places:
    """Walks a text that `tomllib` accepted; ``found`` maps each Loc to the places of its key and its value."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Loc, tuple[Place, Place]] = {}
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._items: dict[Loc, int] = {}  # arrays of tables, and how many of their items were begun
        self._table: Loc = ()
        while self._skip():
            if text.startswith("[", self.at):
                self._header()
            else:
                self._pair(self._table)

    def _place(self) -> Place:
        line = bisect_right(self._line_starts, self.at)
        return line, self.at - self._line_starts[line - 1] + 1

    def _skip(self) -> bool:
        self.at = self._match(_SPACE).end()
        return self.at < len(self.text)

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self.text, self.at)
        assert match is not None, "tomllib accepted what this pass cannot follow"
        return match

    def _header(self) -> None:
        place = self._place()
        is_item = self.text.startswith("[[", self.at)
        self.at += 2 if is_item else 1
        loc: Loc = ()
        keys = self._dotted_key()
        for number, key in enumerate(keys, 1):
            loc = (*loc, key)
            self.found.setdefault(loc, (place, place))
            if is_item and number == len(keys):
                self._items[loc] = self._items.get(loc, 0) + 1
            if loc in self._items:
                loc = (*loc, self._items[loc] - 1)
                self.found.setdefault(loc, (place, place))
        self._table = loc
        self.at = self.text.index("]", self.at) + (2 if is_item else 1)

    def _dotted_key(self) -> list[str]:
        keys: list[str] = []
        while True:
            self._skip()
            match = self._match(_KEY)
            self.at = match.end()
            keys += tomllib.loads(f"{match[0]} = 1") if match[0][0] in "\"'" else [match[0]]
            dot = _DOT.match(self.text, self.at)
            if dot is None:
                return keys
            self.at = dot.end()

    def _pair(self, table: Loc) -> None:
        key_place = self._place()
        loc = table
        for key in self._dotted_key():
            loc = (*loc, key)
            self.found.setdefault(loc, (key_place, key_place))
        self._skip()
        self.at += 1  # the equals sign
        self._skip()
        self.found[loc] = (key_place, self._place())
        self._value(loc)

    def _value(self, loc: Loc) -> None:
        opening = self.text[self.at]
        if opening in "\"'":
            self.at = self._match(_STRING).end()
        elif opening == "[":
            self._enclosed(loc, "]")
        elif opening == "{":
            self._enclosed(loc, "}")
        else:
            self.at = self._match(_BARE).end()

    def _enclosed(self, loc: Loc, closing: str) -> None:
        self.at += 1
        index = 0
        while self._skip() and not self.text.startswith(closing, self.at):
            if closing == "}":
                self._pair(loc)
            else:
                place = self._place()
                self.found[(*loc, index)] = (place, place)
                self._value((*loc, index))
                index += 1
            self._skip()
            if self.text.startswith(",", self.at):
                self.at += 1
        self.at += 1
