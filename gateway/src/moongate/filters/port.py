"""What a filter is.

A config is compiled into `FilterPlan`s, which are frozen and travel to the workers inside the snapshot. A worker binds
each to its `Tools`, which live longer than any snapshot, and calls what comes of it for every request of the route.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from moongate.filters.verdicts import Refusal, Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from moongate.core.exchange import Exchange
    from moongate.core.fetching import Fetched, FetchRequest
    from moongate.stores.decision import Standing
    from moongate.stores.keys import KeySet, SigningKey
    from moongate.stores.provider import Answer, Provider, Question
    from moongate.stores.records import ClientRecord, Known

Verdict: TypeAlias = Refusal | Response | None
"""None lets the request go on to the next filter; anything else is the answer."""


class Filter(Protocol):
    """One step, bound. It decides at once, or returns an awaitable where it has to ask somebody; only then a task is
    made, and the request waits. An exception refuses the request (500): a filter that fails never lets one through."""

    def __call__(self, exchange: Exchange, /) -> Verdict | Awaitable[Verdict]: ...


class FilterPlan(Protocol):
    """One step, compiled: picklable, equal where it does the same."""

    @property
    def kind(self) -> str:
        """The word that it is called by in a config."""

    def bind(self, tools: Tools) -> Filter:
        """The step itself. Raises ValueError where it can not work here, in words for the operator."""

    def describe(self) -> dict[str, Any]:
        """Its settings, as plain values and without secrets. What is left out and yet counts is ``hidden``, an
        attribute of the plans that have such: no two secrets make the same config."""


class Accounts(Protocol):
    """What is known here of clients and their credentials (stores.replica.Replica). What has to be read may raise
    Unavailable."""

    version: int
    stale_serves: int

    def standing(self) -> Standing: ...
    def find_key(self, public_id: bytes) -> Known | None: ...
    def find_client(self, client_id: str) -> ClientRecord | None: ...
    def find_certificate(self, subject: str) -> ClientRecord | None: ...
    def pepper(self, version: int) -> bytes | None: ...
    def used(self, public_id: bytes, now: int) -> None: ...
    def ask_key(self, public_id: bytes) -> Awaitable[bool]: ...
    def ask_client(self, client_id: str) -> Awaitable[bool]: ...


class KeySets(Protocol):
    """The keys of issuers, by the names of their sources (stores.key_sets.KeySets). ``version`` grows with every
    change."""

    version: int

    def held(self, source: str) -> KeySet | None:
        """None where there never were any, or none for too long."""

    def wait(self, source: str) -> Awaitable[bool] | None:
        """Have them fetched: whether that was done in time. None where it was done a moment ago."""


class Signing(Protocol):
    """What the gateway signs with at present (stores.signing.Signing)."""

    @property
    def current(self) -> SigningKey | None: ...


class Passwords(Protocol):
    """Where passwords are checked without holding up the loop (stores.passwords.Passwords)."""

    def check(self, digest: bytes, check: Callable[[], bool]) -> Awaitable[bool | None]:
        """What ``check`` says, asked once for each ``digest`` at a time; None where too many wait already."""


class Fetching(Protocol):
    """Services of the config, asked while a request waits (proxy.fetching.Fetcher)."""

    def fetch(self, exchange: Exchange, request: FetchRequest) -> Awaitable[Fetched]:
        """What the service answers, as the config that ``exchange`` began under has it. Raises FetchFailed. It is given
        up when whoever awaits it is: where the client goes away."""

    def fetch_shared(self, key: bytes, exchange: Exchange, request: FetchRequest) -> Awaitable[Fetched]:
        """As `fetch`, asked once for all who ask under the same ``key`` at a time."""

    def forwarded(self, exchange: Exchange) -> bytes:
        """X-Forwarded-For, -Proto and -Host as the exchange's own service would be sent them, as field lines."""


class Replays(Protocol):
    """What was signed and shown before (stores.replays.Replays)."""

    def is_first(self, mark: bytes, created: int) -> bool | Awaitable[bool | None] | None:
        """Whether ``mark``, of what was signed when it was ``created`` (seconds since 1970), was not shown before; it
        is from now on. None where nobody can say."""


class Logins(Protocol):
    """What is known here of providers at which people log in (stores.logins.Logins). ``keys`` are what cookies are
    sealed with, the same object until they change."""

    @property
    def keys(self) -> tuple[bytes, ...]: ...
    def provider(self, issuer: str) -> Provider | None: ...
    def ask(self, question: Question) -> Awaitable[Answer]: ...


@dataclass(slots=True)
class Tools:
    """What filters may use of their worker. ``accounts`` is None where the config has none; ``key_sets`` and
    ``signing`` are what control keeps of issuers' keys and of the gateway's own, ``logins`` what it knows of providers;
    without ``passwords`` they are checked on the spot, without ``replays`` nothing was shown before, and without
    ``fetching`` no service is asked; ``seconds`` tells the time since 1970; ``kept`` is what a kind of filter wants to
    live on when the snapshot changes: see `keep`."""

    accounts: Accounts | None = None
    key_sets: KeySets | None = None
    signing: Signing | None = None
    passwords: Passwords | None = None
    replays: Replays | None = None
    fetching: Fetching | None = None
    logins: Logins | None = None
    kept: dict[object, Any] = field(default_factory=dict)
    seconds: Callable[[], float] = time.time  # noqa: TID251 - expiries are dates, and clients' clocks

    def keep(self, key: object, make: Callable[[], Any]) -> Any:
        """What was kept under ``key``, made now where there is nothing yet."""
        found = self.kept.get(key)
        if found is None:
            found = self.kept[key] = make()
        return found
