"""Answers that have to be waited for, in a form that may as well be dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator

S = TypeVar("S")
T = TypeVar("T")


class Later(Generic[S, T]):
    """What ``then`` makes of ``asked``. A coroutine that holds another one leaves that behind where it is closed before
    it began; this closes it: nobody awaits what filters would ask where requests are only explained."""

    __slots__ = ("_asked", "_then")

    def __init__(self, asked: Awaitable[S], then: Callable[[Awaitable[S]], Coroutine[Any, Any, T]]) -> None:
        self._asked = asked
        self._then = then

    def __await__(self) -> Generator[Any, None, T]:
        return self._then(self._asked).__await__()

    def close(self) -> None:
        close = getattr(self._asked, "close", None)
        if close is not None:
            close()
