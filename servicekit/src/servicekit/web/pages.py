"""Pages of lists."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, request

from servicekit.core.values import Position
from servicekit.web import answers, cursor

R = TypeVar("R")


class Pager:
    """Reads and writes cursors for the routes of one application; `secret`, asked once, signs them."""

    def __init__(self, secret: Callable[[], bytes]) -> None:
        self._read_secret = secret
        self._secret: bytes | None = None

    def position(self, text: str | None) -> Position | None:
        """Where the asked page begins. Raises RefusalError for a cursor that is not of this list."""
        return None if text is None else cursor.decode(self._key(), request, text)

    def following(self, position: Position) -> tuple[str, str]:
        """The cursor that goes on after `position` in the list that the request asks for, and where that page is."""
        text = cursor.encode(self._key(), request, position)
        return text, f"{request.path}?{urlencode({**request.args.to_dict(), 'cursor': text})}"

    def page(
        self,
        rows: Sequence[R],
        limit: int,
        position: Callable[[R], Position],
        snapshot: Callable[[R], dict[str, Any]],
    ) -> Response:
        """A page; `rows` has one more than `limit` when there is a next one."""
        following: str | None = None
        headers: dict[str, str] = {}
        if len(rows) > limit:
            following, where = self.following(position(rows[limit - 1]))
            headers["Link"] = f'<{where}>; rel="next"'
        body = {"items": [snapshot(row) for row in rows[:limit]], "next_cursor": following}
        return answers.respond(answers.plain(body, headers=headers))

    def _key(self) -> bytes:
        if self._secret is None:
            self._secret = self._read_secret()
        return self._secret
