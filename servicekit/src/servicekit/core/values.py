"""Small values that more than one room speaks of."""

from collections.abc import Callable
from dataclasses import dataclass

from servicekit.core.errors import StaleVersionError

Clock = Callable[[], int]
"""Microseconds since 1970, UTC."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: after the row whose sort value and id these are. The value is None when sorted by id."""

    value: str | int | None
    ident: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change comes from, for the history: the request, and who acts."""

    request_id: str = ""
    actor: str = ""


NOWHERE = Origin()


@dataclass(frozen=True, slots=True)
class Expected:
    """The versions a caller allows a change to start from (If-Match); None allows any."""

    versions: frozenset[int] | None = None

    def check(self, current: int) -> None:
        """Raises StaleVersionError."""
        if self.versions is not None and current not in self.versions:
            raise StaleVersionError(current)


ANY = Expected()
