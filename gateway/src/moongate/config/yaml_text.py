"""YAML text to plain mappings, lists and text, with the place of everything, from a parser's events.

Scalars stay as written: the model that receives one decides whether it is a number or a word, so ``no`` is not false
where a name is asked, and ``1.10`` not 1.1. Only an empty scalar, ``~`` and ``null`` mean nothing (None).

Events rather than PyYAML's composer, because a config is input: nesting is bounded before the stack is, aliases are
shared and counted instead of expanded, a duplicate key is a problem instead of a silent last-one-wins.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import yaml
from yaml import events

from moongate.config.text import Place, TextError, place_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from moongate.config.problem import Loc

MAX_DEPTH: Final = 32  # The model is 6 deep.
MAX_NODES: Final = 1_000_000  # 10,000 routes have 100,000; a billion-laughs file has more than any bound.
_NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})
_CONTENT: Final = re.compile(r"\s*[^\s#]")
_UNSPACED: Final = re.compile(r"\s*(?:- )?[\w-]+:[^\s/]")
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlReader:
    """Reads one document; see `moongate.config.text.Reader`."""

    def __init__(self, text: str, *, with_places: bool = False) -> None:
        self.flaws: list[tuple[Place, str]] = []
        self.places: dict[Loc, tuple[Place, Place]] = {}
        self._with_places = with_places
        self._nodes = 0
        self._anchors: dict[str, tuple[Any, int] | None] = {}  # None while the anchored value is still open
        try:
            self._parser = _LOADER(text)
            self.data = self._document()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise TextError(place, _syntax_message(error, text, place)) from None
        except yaml.reader.ReaderError as error:
            raise TextError(_reader_place(error, text), _reader_message(error)) from None

    def _document(self) -> Any:
        self._next()  # stream start
        if isinstance(self._next(), events.StreamEndEvent):
            return None
        data = self._value(self._next(), (), 0)
        self._next()  # document end
        following = self._next()
        if not isinstance(following, events.StreamEndEvent):
            raise TextError(_place(following), "a second document starts here: one file holds one config")
        return data

    def _next(self) -> Any:
        return self._parser.get_event()

    def _value(self, event: Any, loc: Loc, depth: int) -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise TextError(_place(event), f"more than {MAX_NODES:,} values, aliases counted each time they are used")
        if isinstance(event, events.AliasEvent):
            return self._alias(event)
        if event.tag is not None:
            self.flaws.append((_place(event), f"tags such as {_short_tag(event.tag)} mean nothing here: leave it out"))
        if isinstance(event, events.ScalarEvent):
            value: Any = None if event.implicit[0] and event.value in _NOTHING else event.value
            if event.anchor is not None:
                self._anchors[event.anchor] = (value, 1)
            return value
        if depth >= MAX_DEPTH:
            raise TextError(_place(event), f"nested deeper than {MAX_DEPTH} levels")
        before = self._nodes
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        read: Callable[[Loc, int], Any] = self._mapping if isinstance(event, events.MappingStartEvent) else self._list
        value = read(loc, depth + 1)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, self._nodes - before + 1)
        return value

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            self.flaws.append((_place(event), f"alias *{event.anchor}: no anchor &{event.anchor} stands before it"))
            return None
        anchored = self._anchors[event.anchor]
        if anchored is None:
            self.flaws.append((_place(event), f"alias *{event.anchor} stands inside the value it stands for"))
            return None
        value, size = anchored
        self._nodes += size
        return value

    def _list(self, loc: Loc, depth: int) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._next(), events.SequenceEndEvent):
            item_loc: Loc = ()
            if self._with_places:
                item_loc = (*loc, len(items))
                self.places[item_loc] = (_place(event), _place(event))
            items.append(self._value(event, item_loc, depth))
        return items

    def _mapping(self, loc: Loc, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        lines: dict[str, int] = {}
        merged: list[Any] = []
        while not isinstance(event := self._next(), events.MappingEndEvent):
            key = self._key(event, depth)
            value_event = self._next()
            key_loc: Loc = ()
            if self._with_places:
                key_loc = (*loc, key)
                self.places.setdefault(key_loc, (_place(event), _place(value_event)))
            value = self._value(value_event, key_loc, depth)
            if key in lines:
                self.flaws.append((_place(event), f"`{key}` stands twice here, first in line {lines[key]}"))
            elif key == "<<" and isinstance(event, events.ScalarEvent) and event.implicit[0]:
                merged += self._merge_sources(value, value_event)
            else:
                mapping[key] = value
            lines.setdefault(key, event.start_mark.line + 1)
        for source in merged:
            mapping = {**source, **mapping}
        return mapping

    def _key(self, event: Any, depth: int) -> str:
        if isinstance(event, events.ScalarEvent):
            return str(event.value)
        self.flaws.append((_place(event), "a key is a word: quote it if it holds { } [ ] or *"))
        self._value(event, (), depth)
        return ""

    def _merge_sources(self, value: Any, event: Any) -> list[Any]:
        sources = value if isinstance(value, list) else [value]
        if all(isinstance(source, dict) for source in sources):
            return sources
        self.flaws.append((_place(event), "<< takes an alias of a mapping, as in `<<: *common`"))
        return []


def _place(event: Any) -> Place:
    return (event.start_mark.line + 1, event.start_mark.column + 1)


def _short_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")[:60]


def _syntax_message(error: yaml.MarkedYAMLError, text: str, place: Place) -> str:
    line = (text.splitlines() or [""])[min(place[0], text.count("\n") + 1) - 1 :][:1]
    shown = line[0] if line else ""
    if shown[place[1] - 1 : place[1]] == "\t" or shown.startswith("\t"):
        return "a tab: YAML indents with spaces"
    problem = error.problem or "cannot be read"
    message = f"not YAML: {problem}"
    if error.context:
        begun = f", begun in line {error.context_mark.line + 1}" if error.context_mark else ""
        message += f" ({error.context}{begun})"
    if "{" in shown and "flow" in message:
        message += '; quote a value that holds { }, as in {path: "/api/{id}"}'
    if problem in ("mapping values are not allowed in this context", "did not find expected <document start>"):
        before = [(n, each) for n, each in enumerate(text.splitlines()[: place[0] - 1], 1) if _CONTENT.match(each)]
        if before and _UNSPACED.match(before[-1][1]):
            message += f"; a space is missing behind the colon in line {before[-1][0]}"
        elif problem.startswith("mapping"):
            message += '; a line has one key, and a value that holds ": " is quoted'
    elif problem == "found unexpected ':'":
        message += "; a colon has a space behind it, as in {key: value}"
    return message


def _reader_message(error: Any) -> str:
    code = error.character if isinstance(error.character, int) else ord(error.character)
    return f"not YAML: the character U+{code:04X} is not allowed in it"


def _reader_place(error: Any, text: str) -> Place:
    """libyaml counts bytes of UTF-8, people count characters."""
    before = text.encode("utf-8")[: error.position].decode("utf-8", "ignore")
    return place_at(before, len(before))
