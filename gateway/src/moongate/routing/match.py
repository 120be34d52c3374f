"""What a route asks of a request: host, path, method, headers, query; and which of two routes is more specific."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from moongate.core.message import RequestHead
    from moongate.routing.pattern import PathPattern

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\Z")


class HostError(ValueError):
    """The text is no host pattern; the message says what is wrong and what to write instead."""


@dataclass(frozen=True, slots=True)
class HostPattern:
    """A host name or ``*.suffix``, lower case, without port. ``name`` leaves the ``*.`` out.

    ``*.example.com`` takes every name below ``example.com``, however deep, and not ``example.com`` itself.
    """

    name: bytes
    wildcard: bool

    @classmethod
    def parse(cls, text: str) -> HostPattern:
        """Raise `HostError` unless ``text`` is a host pattern; names beyond ASCII become their IDNA form."""
        wildcard = text.startswith("*.")
        name = (text[2:] if wildcard else text).lower().removesuffix(".")
        if text in ("*", "_"):
            raise HostError(f"{text!r} takes every host: leave `host` out instead")
        if "://" in text or "/" in text:
            raise HostError("a host is a name only, without scheme and path: example.com")
        if name.startswith("[") and name.endswith("]") and not wildcard:
            return cls(name.encode("ascii", "replace"), False)
        if ":" in name:
            raise HostError("a host stands without port: the port is the listener's")
        try:
            ascii_name = name if name.isascii() else name.encode("idna").decode("ascii")
        except UnicodeError:
            ascii_name = ""
        if len(ascii_name) > 253 or not all(_LABEL.match(label) for label in ascii_name.split(".")):
            raise HostError("not a host name; write example.com or *.example.com")
        return cls(ascii_name.encode("ascii"), wildcard)

    def accepts(self, host: bytes) -> bool:
        """Whether this pattern accepts ``host``, which is lower case and without port."""
        if not self.wildcard:
            return host == self.name
        return len(host) > len(self.name) + 1 and host.endswith(b"." + self.name)

    @property
    def order(self) -> tuple[int, int]:
        """Sorts more specific hosts first: exact, then wildcards by depth."""
        return (1, -self.name.count(b".")) if self.wildcard else (0, 0)

    def __str__(self) -> str:
        return ("*." if self.wildcard else "") + self.name.decode("ascii")


ANY_HOST_ORDER = (2, 0)


@dataclass(frozen=True, slots=True)
class Condition:
    """One demand on a header (``name`` in lower case) or a query parameter; ``value`` None asks only for presence.

    Where a request repeats the name, its first value counts. Query parameters are compared decoded, ``+`` as a space.
    ``written`` stands for the value wherever it is shown, because the value itself may be a secret.
    """

    place: Literal["header", "query"]
    name: bytes
    value: bytes | None
    written: str | None = None

    def holds(self, head: RequestHead) -> bool:
        """Whether ``head`` meets the demand."""
        found = head.get(self.name) if self.place == "header" else _parameter(head.query, self.name)
        return found is not None and (self.value is None or found == self.value)

    def __str__(self) -> str:
        text = f"{self.place} {self.name.decode('utf-8', 'replace')}"
        if self.value is None:
            return text
        return f"{text}={self.value.decode('utf-8', 'replace') if self.written is None else self.written}"


def _parameter(query: bytes, name: bytes) -> bytes | None:
    for pair in query[1:].split(b"&"):
        key, _, value = pair.partition(b"=")
        if pair and unquote_to_bytes(key.replace(b"+", b" ")) == name:
            return unquote_to_bytes(value.replace(b"+", b" "))
    return None


@dataclass(frozen=True, slots=True)
class Match:
    """Everything a route asks. Empty ``hosts`` takes every host, ``methods`` None takes every method.

    A route that takes GET takes HEAD as well (RFC 9110 section 9.3.2).
    """

    path: PathPattern
    hosts: tuple[HostPattern, ...] = ()
    methods: frozenset[bytes] | None = None
    conditions: tuple[Condition, ...] = ()

    @property
    def accepted_methods(self) -> frozenset[bytes] | None:
        """The methods as given, and HEAD beside GET."""
        if self.methods is not None and b"GET" in self.methods:
            return self.methods | {b"HEAD"}
        return self.methods

    def order(self, host: HostPattern | None) -> tuple[object, ...]:
        """Sorts more specific matches first, seen under one of this match's hosts (None: it names none).

        Host, then path from the left, then the number of conditions, then values over mere presence, then methods.
        """
        with_value = sum(condition.value is not None for condition in self.conditions)
        return (
            ANY_HOST_ORDER if host is None else host.order,
            self.path.order,
            -len(self.conditions),
            -with_value,
            self.methods is None,
        )

    def ties(self, other: Match) -> bool:
        """Whether some request is accepted by both and neither is the more specific one."""
        mine, theirs = self.accepted_methods, other.accepted_methods
        if (mine is None) != (theirs is None) or (mine and theirs and mine.isdisjoint(theirs)):
            return False
        if not set(self.hosts or (None,)).intersection(other.hosts or (None,)) or not self.path.ties(other.path):
            return False
        return self.order(None) == other.order(None) and not self._excludes(other)

    def _excludes(self, other: Match) -> bool:
        """Whether both ask the same header or parameter for different values."""
        wanted = {(each.place, each.name): each.value for each in self.conditions if each.value is not None}
        return any(
            each.value is not None and wanted.get((each.place, each.name), each.value) != each.value
            for each in other.conditions
        )
