"""Services that filters ask, played by hand: what they were asked, and what they answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from moongate.core.fetching import Fetched, FetchFailed

if TYPE_CHECKING:
    from moongate.core.exchange import Exchange
    from moongate.core.fetching import FetchRequest

FORWARDED = b"X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.test\r\n"


class PlayedServices:
    """filters.port.Fetching: each question is answered by the next of ``answers``, the last one again and again."""

    def __init__(self, *answers: Fetched | FetchFailed) -> None:
        self._answers = list(answers)
        self.requests: list[FetchRequest] = []
        self.way = FORWARDED

    async def fetch(self, exchange: Exchange, request: FetchRequest) -> Fetched:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        await asyncio.sleep(0)
        if isinstance(answer, FetchFailed):
            raise answer
        return answer

    async def fetch_shared(self, key: bytes, exchange: Exchange, request: FetchRequest) -> Fetched:
        return await self.fetch(exchange, request)

    def forwarded(self, exchange: Exchange) -> bytes:
        return self.way


def fetched(status: int = 200, lines: bytes = b"", body: bytes = b"") -> Fetched:
    return Fetched(status, lines, body)
