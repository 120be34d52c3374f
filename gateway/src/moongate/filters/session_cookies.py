"""``session_cookies``: the gateway's own cookies stay with the gateway.

Browsers send them to every path of the host, so every route has this step where any route has `oidc`, but those that
forward credentials: a service that saw one could use it in its owner's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from moongate.core.edits import FieldEdits
from moongate.filters.own_cookies import MARK, cookie_fields, without_own

if TYPE_CHECKING:
    from moongate.core.exchange import Exchange
    from moongate.filters.port import Filter, Tools

KIND: Final = "session_cookies"
_MAX_REMEMBERED: Final = 256  # header sections, of 16 KiB at the most


@dataclass(frozen=True, slots=True)
class SessionCookiesPlan:
    """It has no settings."""

    @property
    def kind(self) -> str:
        return KIND

    def bind(self, tools: Tools) -> Filter:
        return SessionCookies()

    def describe(self) -> dict[str, Any]:
        return {}


class SessionCookies:
    """The step itself. Who sends the same fields again is given the same edits: what was written by them serves
    again."""

    __slots__ = ("_edits",)

    def __init__(self) -> None:
        self._edits: dict[bytes, FieldEdits] = {}

    def __call__(self, exchange: Exchange, /) -> None:
        assert exchange.head is not None
        lines = exchange.head.section.lines
        if MARK not in lines:
            return
        edits = self._edits.get(lines)
        if edits is None:
            values = cookie_fields(lines)
            kept = [without_own(value) for value in values]
            if kept == values:
                return
            if len(self._edits) >= _MAX_REMEMBERED:
                self._edits.clear()
            edits = FieldEdits(frozenset((b"cookie",)), b"".join(b"Cookie: %b\r\n" % value for value in kept if value))
            self._edits[lines] = edits
        exchange.edit(edits)
