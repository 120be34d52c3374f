"""The questions that a gateway asks of accounts, over HTTP. Each has a deadline, and no answer is taken whole untested.

httpx, because what is needed is what it is good at (pooled connections, timeouts of every phase, streamed bodies,
cancellation, verified TLS), and none of it is on a request's way.
"""

from __future__ import annotations

import asyncio
import contextlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec

from moongate.control.accounts.answers import (
    MAX_ANSWER_BYTES,
    Answer,
    Changes,
    CutOff,
    EpochChanged,
    Inflating,
    Lines,
    Nonsense,
    Refused,
    read_answer,
    read_changes,
)
from moongate.control.accounts.answers import AccountsFailed as Failed
from moongate.net.tls import client_context

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    import httpx

    from moongate.stores.replica import Question

ASK_SECONDS: Final = 0.2
_ANSWER_SECONDS: Final = 2.0  # beyond the wait of a long poll
_SNAPSHOT_SECONDS: Final = 900.0
_SILENCE_SECONDS: Final = 10.0  # between two pieces of a body
_CONNECT_SECONDS: Final = 2.0
_CONNECTIONS: Final = 32
_IDLE_CONNECTIONS: Final = 8
_IDLE_SECONDS: Final = 4.0
_PATH: Final = "/internal/v1/"


class AccountsClient:
    """One accounts. Every method raises AccountsFailed."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self._http: httpx.AsyncClient | None = None
        self._making = asyncio.Lock()

    async def snapshot(self) -> AsyncGenerator[list[bytes], None]:
        """The lines of a snapshot, in batches as they come."""
        async with self._asked("GET", "snapshot", _SNAPSHOT_SECONDS) as response:
            inflating, lines = _inflating(response), Lines()
            async for data in response.aiter_raw():
                for piece in inflating.feed(data):
                    if whole := lines.feed(piece):
                        yield whole
            inflating.end()
            yield lines.end()

    async def changes(self, epoch: str, after: int, wait: int) -> Changes:
        """What came after ``after``; where nothing did, the answer comes within ``wait`` seconds all the same."""
        parameters: dict[str, str | int] = {"epoch": epoch, "after": after, "wait": wait}
        async with self._asked("GET", "changes", wait + _ANSWER_SECONDS, params=parameters) as response:
            return read_changes(await _body(response))

    async def ask(self, question: Question) -> Answer | None:
        """What is known of this credential's client; None where accounts knows none."""
        content = {question.kind: question.id}
        async with self._asked("POST", "ask", ASK_SECONDS, content) as response:
            if response.status_code == HTTPStatus.NOT_FOUND:
                return None
            return read_answer(await _body(response))

    async def use(self, keys: Mapping[str, int]) -> None:
        """Say when keys were used last."""
        async with self._asked("POST", "used", _SILENCE_SECONDS, {"keys": keys}):
            pass

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def _connected(self) -> httpx.AsyncClient:
        """In a thread: httpx and the system's CAs take 0.4 s of loading, and what is known is served meanwhile."""
        async with self._making:
            if self._http is None:
                self._http = await asyncio.to_thread(_new_http, self._url, self._token)
            return self._http

    @contextlib.asynccontextmanager
    async def _asked(
        self, method: str, name: str, seconds: float, content: Any = None, params: Mapping[str, str | int] | None = None
    ) -> AsyncIterator[httpx.Response]:
        """A response that is good, or a 404 where a question is ``ask``."""
        body = None if content is None else msgspec.json.encode(content)
        headers = {} if body is None else {"Content-Type": "application/json"}
        http = await self._connected()
        import httpx

        try:
            async with (
                asyncio.timeout(seconds),
                http.stream(method, _PATH + name, content=body, headers=headers, params=params) as response,
            ):
                _judge(response.status_code, name)
                yield response
        except TimeoutError:
            raise Failed(f"did not answer `{name}` within {seconds:g} s") from None
        except httpx.TimeoutException:
            raise Failed(f"did not answer `{name}` in time") from None
        except httpx.RemoteProtocolError:
            raise CutOff(f"broke off its answer to `{name}`") from None
        except httpx.HTTPError as error:
            raise Failed(f"cannot be reached: {error or type(error).__name__}") from None


def _new_http(url: str, token: str) -> httpx.AsyncClient:
    import httpx

    return httpx.AsyncClient(
        base_url=url,
        headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip", "User-Agent": "moongate"},
        timeout=httpx.Timeout(_SILENCE_SECONDS, connect=_CONNECT_SECONDS, pool=_CONNECT_SECONDS),
        limits=httpx.Limits(
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_IDLE_CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
        ),
        verify=client_context(),
        trust_env=False,  # a proxy for the way out is no way to accounts
    )


def _judge(status: int, name: str) -> None:
    if status in (HTTPStatus.OK, HTTPStatus.NO_CONTENT) or (status == HTTPStatus.NOT_FOUND and name == "ask"):
        return
    if status == HTTPStatus.CONFLICT:
        raise EpochChanged("has another history than the replica")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise Refused(f"refuses this gateway's token ({status})")
    raise Nonsense(f"answers {status} to `{name}`")


def _inflating(response: httpx.Response) -> Inflating:
    coding = response.headers.get("content-encoding", "identity").lower()
    if coding not in ("gzip", "identity"):
        raise Nonsense(f"answers in the coding {coding[:20]!r}, which it was not asked for")
    return Inflating(coding == "gzip")


async def _body(response: httpx.Response) -> bytes:
    inflating, body = _inflating(response), bytearray()
    async for data in response.aiter_raw():
        for piece in inflating.feed(data):
            body += piece
            if len(body) > MAX_ANSWER_BYTES:
                raise Nonsense(f"answers more than {MAX_ANSWER_BYTES // 1024**2} MiB")
    inflating.end()
    return bytes(body)
