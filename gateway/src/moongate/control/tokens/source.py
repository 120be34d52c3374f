"""One issuer's keys: fetched for all workers, again before they are old, and at once when a token names one that is not
there; kept for a day where the issuer is not to be had."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Final, Protocol

from moongate.control.accounts.moment import current
from moongate.control.tokens.documents import metadata_urls, read_key_set, read_metadata, seconds_to_hold
from moongate.control.tokens.fetch import FetchFailed
from moongate.control.tokens.shelf import KEPT_SECONDS, Kept, Shelf
from moongate.core.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Callable

    from moongate.control.tokens.documents import Metadata
    from moongate.control.tokens.fetch import Fetched
    from moongate.core.token_plans import KeySourcePlan
    from moongate.worker import messages

    Answer = Callable[[float], None]
    Tell = Callable[[messages.TokenOrder], None]

WANTED_SECONDS: Final = 30.0  # between two looks for keys that tokens name; whoever invents names causes no more
RETRY_SECONDS: Final = (1.0, 10.0)  # after the first failure in a row, doubled up to the second: tokens wait for it
QUIET_SECONDS: Final = 1.0  # what a worker keeps to itself after a failure


class Getter(Protocol):
    """Whoever fetches (`fetch.Fetcher`)."""

    async def get(self, url: str) -> Fetched: ...


class Audience(Protocol):
    """Whom a source tells."""

    def held(self, source: Source) -> None:
        """It has other keys, or knows better or worse whether they are all."""

    def described(self, source: Source) -> None:
        """Its issuer says something else of itself."""

    def say(self, text: str) -> None:
        """To people."""


class Source:
    """For metrics: ``fetches`` and ``failures`` so far, and `age`."""

    def __init__(self, plan: KeySourcePlan, getter: Getter, shelf: Shelf, audience: Audience) -> None:
        self.plan = plan
        self._getter = getter
        self._shelf = shelf
        self._audience = audience
        self._jwks_url = plan.jwks_url or ""  # empty until the issuer has said it
        self.metadata: Metadata | None = None  # what the issuer said of itself last
        self._wanting: list[Answer] = []
        self._woken = asyncio.Event()
        self._is_fetching = False
        self._last_wanted = float("-inf")
        self._said = ""
        self._in_a_row = 0
        self.looked = asyncio.Event()  # once, with or without success
        self.fetches = self.failures = 0
        self.kept: Kept | None = shelf.get(plan.name)
        self.is_fresh = False  # whatever the shelf has, the issuer has not said it to this process

    def age(self) -> float:
        """Seconds since the keys were fetched; infinite where there are none."""
        return float("inf") if self.kept is None else self.kept.fetched.age(current())

    def want(self, answer: Answer) -> None:
        """A token names a key that is not here. ``answer`` is told, after the keys are, for how many seconds there is
        no use in asking again."""
        now = monotonic()
        if self._is_fetching or self._woken.is_set() or not self.looked.is_set():
            self._wanting.append(answer)  # of the look that is going on, or about to begin
        elif now - self._last_wanted >= WANTED_SECONDS:
            self._last_wanted = now
            self._wanting.append(answer)
            self._woken.set()
        else:
            answer(self._quiet(now))

    async def follow(self) -> None:
        """For ever."""
        while True:
            self._woken.clear()
            delay = await self._fetch()
            if self.is_fresh and self.kept is not None:
                await self._shelf.put(self.plan.name, self.kept)
            wait = min(delay, max(KEPT_SECONDS - self.age(), 0.0)) if self.kept is not None else delay
            try:
                await asyncio.wait_for(self._woken.wait(), wait)
            except TimeoutError:
                if self._jwks_url and not self.plan.jwks_url and self.is_fresh:
                    self._jwks_url = ""  # the issuer may have moved its keys
            if self.kept is not None and self.age() >= KEPT_SECONDS:
                self.kept = None
                self._tell("has not been heard for a day: its tokens are not taken until it is")
                self._audience.held(self)

    async def _fetch(self) -> float:
        """How long to wait until the next time."""
        self._is_fetching = True
        self.fetches += 1
        try:
            fetched = await self._get_keys()
            document = read_key_set(fetched.body)
        except FetchFailed as failed:
            return self._failed(failed)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not leave the keys to grow old
            return self._failed(FetchFailed(f"could not be asked: {type(error).__name__}: {error}"))
        else:
            self._succeeded(document)
            return seconds_to_hold(fetched.cache_control) * random.uniform(0.9, 1.0)  # noqa: S311 - not all at once
        finally:
            self._is_fetching = False
            self.looked.set()
            now = monotonic()
            wanting, self._wanting = self._wanting, []
            for answer in wanting:
                answer(self._quiet(now))

    async def _get_keys(self) -> Fetched:
        if not self._jwks_url:
            openid, oauth = metadata_urls(self.plan.issuer)
            try:
                found = await self._getter.get(openid)
            except FetchFailed as failed:
                if not failed.is_missing:
                    raise
                found = await self._getter.get(oauth)
            before, self.metadata = self.metadata, read_metadata(found.body, self.plan)
            self._jwks_url = self.metadata.jwks_uri
            if self.metadata != before:
                self._audience.described(self)
        try:
            return await self._getter.get(self._jwks_url)
        except FetchFailed:
            self._jwks_url = self.plan.jwks_url or ""
            raise

    def _succeeded(self, document: str) -> None:
        before, self.kept = self.kept, Kept(document, current())
        is_told, self.is_fresh = before is not None and self.is_fresh and before.document == document, True
        self._in_a_row = 0
        if self._said:
            self._said = ""
            self._audience.say(f"{self.plan.issuer} gives its keys again")
        if not is_told:
            self._audience.held(self)

    def _failed(self, failed: FetchFailed) -> float:
        self.failures += 1
        self._in_a_row += 1
        if self.is_fresh:
            self.is_fresh = False
            self._audience.held(self)
        meanwhile = "its last keys are used meanwhile" if self.kept is not None else "its tokens can not be judged"
        self._tell(f"{failed}: {meanwhile}")
        first, last = RETRY_SECONDS
        return min(first * 2.0 ** min(self._in_a_row - 1, 10), last) * random.uniform(0.5, 1.0)  # noqa: S311

    def _quiet(self, now: float) -> float:
        if not self.is_fresh:
            return QUIET_SECONDS
        return max(self._last_wanted + WANTED_SECONDS - now, 0.0)

    def _tell(self, trouble: str) -> None:
        """Once, until something else is the matter or everything is well."""
        if trouble != self._said:
            self._said = trouble
            self._audience.say(f"issuer {self.plan.issuer} {trouble}")
