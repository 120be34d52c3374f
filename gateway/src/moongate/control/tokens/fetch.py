"""What is fetched from an issuer: one document at a time, small, soon, and from where the config says, or not at all.

httpx, as for accounts: pooled connections, verified TLS, streamed bodies, cancellation, and none of it on a request's
way.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar
from urllib.parse import urljoin, urlsplit

from moongate.net.tls import client_context

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import TracebackType

    import httpx

T = TypeVar("T")

FETCH_SECONDS: Final = 5.0
MAX_BYTES: Final = 256 * 1024
MAX_REDIRECTS: Final = 3
_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "moongate"}


class FetchFailed(Exception):  # noqa: N818 - what happened
    """An issuer did not do its part; says how, in words that follow its name. ``is_missing`` where it said 404."""

    def __init__(self, what: str, *, is_missing: bool = False) -> None:
        super().__init__(what)
        self.is_missing = is_missing


class Fetched(NamedTuple):
    """A document, and what its answer says of how long it holds."""

    body: bytes
    cache_control: str


class Posted(NamedTuple):
    """What a form was answered with."""

    status: int
    body: bytes


class Fetcher:
    """Connections to issuers."""

    def __init__(self) -> None:
        self._http: httpx.AsyncClient | None = None
        self._making = asyncio.Lock()

    async def __aenter__(self) -> Fetcher:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def get(self, url: str) -> Fetched:
        """Raises FetchFailed."""
        return await self._within(url, self._follow(await self._client(), url))

    async def post(self, url: str, form: dict[str, str], headers: dict[str, str]) -> Posted:
        """Raises FetchFailed. Nothing of ``form`` is told of, and it goes nowhere else."""
        return await self._within(url, _post(await self._client(), url, form, headers))

    async def _within(self, url: str, asking: Coroutine[None, None, T]) -> T:
        import httpx

        try:
            async with asyncio.timeout(FETCH_SECONDS):
                return await asking
        except (TimeoutError, httpx.TimeoutException):
            raise FetchFailed(f"did not answer {url} within {FETCH_SECONDS:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchFailed(f"cannot be asked for {url}: {error or type(error).__name__}") from None

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def _client(self) -> httpx.AsyncClient:
        async with self._making:
            if self._http is None:
                self._http = await asyncio.to_thread(_made)  # 0.4 s of CPU, while workers start
        return self._http

    @staticmethod
    async def _follow(http: httpx.AsyncClient, url: str) -> Fetched:
        there = url
        for _ in range(MAX_REDIRECTS + 1):
            found = await _get(http, there)
            if isinstance(found, Fetched):
                return found
            there = _redirected(there, found)
        raise FetchFailed(f"redirects more than {MAX_REDIRECTS} times")


async def _get(http: httpx.AsyncClient, url: str) -> Fetched | str:
    """The document, or where it is said to be instead."""
    async with http.stream("GET", url) as response:
        status = response.status_code
        if status in _REDIRECTS:
            return str(response.headers.get("location", ""))
        if status != 200:
            raise FetchFailed(f"answers {status} to {url}", is_missing=status in (404, 410))
        return Fetched(await _body(url, response), response.headers.get("cache-control", ""))


async def _post(http: httpx.AsyncClient, url: str, form: dict[str, str], headers: dict[str, str]) -> Posted:
    async with http.stream("POST", url, data=form, headers=headers) as response:
        return Posted(response.status_code, await _body(url, response))


async def _body(url: str, response: httpx.Response) -> bytes:
    """Raises FetchFailed where it is not as it was asked for, or more than is read."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise FetchFailed(f"answers {url} compressed, which it was asked not to")
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > MAX_BYTES:
            raise FetchFailed(f"answers {url} with more than {MAX_BYTES // 1024} KiB")
    return bytes(body)


def _made() -> httpx.AsyncClient:
    import httpx

    return httpx.AsyncClient(
        headers=_HEADERS,
        timeout=FETCH_SECONDS,
        limits=httpx.Limits(max_connections=32, max_keepalive_connections=4, keepalive_expiry=4.0),
        verify=client_context(),
        follow_redirects=False,
        trust_env=False,
    )


def _redirected(url: str, location: str) -> str:
    """Where to look instead. Raises FetchFailed where that is at another place: an open redirect must not choose whose
    keys are believed, or which host inside is asked."""
    try:
        there = urljoin(url, location)
        parts = urlsplit(there)
        is_same = bool(location) and parts[:2] == urlsplit(url)[:2]
    except ValueError:
        is_same = False
    if not is_same:
        raise FetchFailed(f"redirects {url} to another host")
    return there
