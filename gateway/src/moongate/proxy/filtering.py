"""The second step of an exchange: the route's filters, in order.

A filter that decides at once costs a call. One that has to ask somebody makes a task, and the request waits for it: its
body is not read meanwhile, beyond what came with the head. Where the exchange ends before it has its answer, for the
client went away, nobody is asked any longer.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeAlias

from moongate.core.errors import INTERNAL, Failure
from moongate.core.exchange import Exchange
from moongate.filters import Refusal, Response

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Sequence

    from moongate.core.message import Field, ResponseHead
    from moongate.core.ports import Downstream
    from moongate.filters import Filter, Verdict
    from moongate.proxy.engine import Engine

    Chain: TypeAlias = tuple[Filter, ...]

_log = logging.getLogger("moongate.proxy")


class Filtering(Exchange):
    """What passes filters. Where all let it go on, `_forward` is called."""

    __slots__ = ("_asking", "_downstream", "_engine", "_is_done", "_request_ended")

    _asking: tuple[asyncio.Task[None], Awaitable[Verdict] | None] | None  # what is asked, until the task awaits it
    _downstream: Downstream
    _engine: Engine
    _is_done: bool
    _request_ended: bool

    # What the other halves of an exchange do, which the connections are handed as a whole. mypyc takes no stubs here.

    def fail(self, failure: Failure, reason: str, fields: tuple[Field, ...] = ()) -> None:
        raise NotImplementedError

    def answer(self, response: Response) -> None:
        raise NotImplementedError

    def upstream_lost(self, failure: Failure, reason: str, is_silent: bool) -> None:
        raise NotImplementedError

    def response_interim(self, head: ResponseHead) -> None:
        raise NotImplementedError

    def response_head(self, head: ResponseHead, body: bytes, ended: bool) -> None:
        raise NotImplementedError

    def response_body(self, data: bytes) -> None:
        raise NotImplementedError

    def response_end(self, trailers: list[Field]) -> None:
        raise NotImplementedError

    def pause_request(self) -> None:
        raise NotImplementedError

    def resume_request(self) -> None:
        raise NotImplementedError

    def _forward(self) -> None:
        raise NotImplementedError

    def _filter(self, chain: Chain, first: int = 0) -> None:
        following = first
        for step in chain[first:] if first else chain:
            following += 1
            verdict = step(self)
            if verdict is None:
                continue
            if isinstance(verdict, Refusal | Response):
                self._obey(verdict)
                return
            self._asking = (self._engine.tasks.spawn(self._await(verdict, chain, following)), verdict)
            if not self._request_ended:
                self._downstream.pause_body()
            return
        self._forward()

    def _obey(self, verdict: Refusal | Response) -> None:
        if isinstance(verdict, Response):
            self.answer(verdict)
        else:
            self.fail(*verdict)

    def _check_body(self, pieces: Sequence[bytes], *, is_whole: bool) -> bool:
        """Hold more of the body against what a filter knows of it; whether to go on. What is wrong ends the exchange
        before its last octet, or the end of its chunks, went to the service: none that heeds framing acts on it."""
        check = self.body_check
        assert check is not None
        for piece in pieces:
            check.update(piece)
        refused = check.verdict() if is_whole else None
        if refused is not None:
            self.fail(*refused)
        return refused is None

    async def _await(self, asked: Awaitable[Verdict], chain: Chain, following: int) -> None:
        if self._asking is not None:
            self._asking = (self._asking[0], None)
        try:
            verdict = await asked
            self._asking = None
            if self._is_done:
                return
            if verdict is None:
                self._filter(chain, following)
            else:
                self._obey(verdict)
        except (Exception, SystemExit):  # noqa: BLE001 - a filter that fails lets nobody through, and ends no other request
            self._asking = None
            _log.exception("request %s failed in a filter", self.id.decode("ascii"))
            self.fail(INTERNAL, "exception")

    def _stop_asking(self, task: asyncio.Task[None], asked: Awaitable[Verdict] | None) -> None:
        self._asking = None
        task.cancel()
        close = getattr(asked, "close", None)
        if close is not None:
            close()  # the task had no turn yet, and will not begin it
