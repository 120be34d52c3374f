"""``basic``: users with passwords (RFC 7617), as a file of hashes has them.

Checking a password takes as long as a thousand requests, so it is done aside, once for each password that is shown, and
for whoever does not exist too: neither an answer nor its time tells who does.
"""

from __future__ import annotations

import binascii
import functools
import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from moongate.core.addresses import origin_of
from moongate.core.errors import OVERLOADED
from moongate.core.limits import FAILED_CREDENTIALS_OF_NAME
from moongate.filters.admission import Admission, Vouched
from moongate.filters.authenticate import INVALID
from moongate.filters.failures import Failures, refusal
from moongate.filters.jwt_cache import TokenCache
from moongate.filters.password_hash import is_password
from moongate.filters.verdicts import Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from moongate.core.exchange import Exchange
    from moongate.filters.authenticate import Found, Method
    from moongate.filters.port import Tools

KIND: Final = "basic"
REMEMBERED_SECONDS: Final = 300.0  # a right password is remembered anew each time that it is shown
MAX_BYTES: Final = 1024  # of name and password together
_AUTHORIZATION: Final = b"authorization"
_BASIC: Final = b"basic "
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")

_MALFORMED: Final = Refusal(INVALID, "basic_malformed")
_REFUSED: Final = Refusal(INVALID, "basic_refused")
_QUEUED: Final = Refusal(OVERLOADED, "basic_queue_full")


@dataclass(frozen=True, slots=True)
class BasicPlan:
    """``users`` are names with hashes of their passwords, at least one; each name is the id of a client, which accounts
    must know where ``is_known``."""

    users: tuple[tuple[str, str], ...] = field(repr=False)
    realm: str
    is_known: bool = False

    @property
    def kind(self) -> str:
        return KIND

    @property
    def carriers(self) -> frozenset[bytes]:
        return frozenset((_AUTHORIZATION,))

    @property
    def challenge(self) -> bytes:
        return f'Basic realm="{self.realm}", charset="UTF-8"'.encode("ascii")

    @property
    def hidden(self) -> object:
        return self.users

    def bind(self, tools: Tools) -> Method:
        if self.is_known and tools.accounts is None:
            raise ValueError("there is no `accounts` in the config that could know users")
        return Basic(self, tools)

    def describe(self) -> dict[str, Any]:
        return {"users": len(self.users), "realm": self.realm, "known_to_accounts": self.is_known}


class _Judged(NamedTuple):
    """What came of a password: whose it is, or None where it is nobody's. For ``until`` (seconds since 1970)."""

    name: str | None
    until: float


class _Attempt(NamedTuple):
    """A name and a password, as shown ``at`` (``clock.monotonic`` seconds)."""

    name: str
    password: bytes
    digest: bytes
    at: float


class _Names(Failures):
    """By the names that were shown, whoever showed them."""

    def __init__(self) -> None:
        super().__init__(FAILED_CREDENTIALS_OF_NAME)


class Basic:
    """The method itself. What was judged is remembered by a digest under a key that is nowhere else: not even a dump of
    the cache tells a password to whoever guesses."""

    __slots__ = (
        "_admission",
        "_cache",
        "_decoys",
        "_failures",
        "_is_known",
        "_key",
        "_names",
        "_passwords",
        "_salt",
        "_seconds",
        "_users",
    )

    def __init__(self, plan: BasicPlan, tools: Tools) -> None:
        self._admission = Admission(KIND, tools.accounts)
        self._is_known = plan.is_known
        self._failures: Failures = tools.keep(Failures, Failures)
        self._names: Failures = tools.keep(_Names, _Names)
        self._passwords = tools.passwords
        self._seconds = tools.seconds
        self._users = dict(plan.users)
        self._decoys = tuple(self._users.values())
        self._cache: TokenCache[_Judged] = tools.keep(Basic, TokenCache)
        self._key: bytes = tools.keep(BasicPlan, functools.partial(os.urandom, 32))
        self._salt = hashlib.sha256(repr(plan.users).encode()).digest()  # what was right in another file is not here

    def __call__(self, exchange: Exchange, /) -> Found | Awaitable[Found]:
        assert exchange.head is not None
        value = exchange.head.get(_AUTHORIZATION)
        if value is None or value[: len(_BASIC)].lower() != _BASIC:
            return None
        shown = value[len(_BASIC) :].strip(b" ")
        digest = self._digest(self._salt + shown)
        judged = self._cache.get(digest)
        if judged is not None:
            if self._seconds() < judged.until:
                return _REFUSED if judged.name is None else self._accept(digest, judged.name)
            self._cache.drop(digest)
        read = _read(shown)
        if read is None:
            return _MALFORMED
        return self._check(_Attempt(read[0], read[1], digest, exchange.started), exchange.remote)

    def _check(self, attempt: _Attempt, remote: str) -> Found | Awaitable[Found]:
        name, password, digest, at = attempt
        seconds = max(self._failures.wait(origin_of(remote), at), self._names.wait(self._mark(name), at))
        if seconds:
            return refusal(seconds, "basic_unjudged")
        known = self._users.get(name)
        check = functools.partial(is_password, self._decoy(name) if known is None else known, password)
        if self._passwords is None:
            return self._judged(attempt, check())
        return self._wait(self._passwords.check(digest, check), attempt, remote)

    def _digest(self, octets: bytes) -> bytes:
        return hashlib.blake2b(octets, digest_size=32, key=self._key).digest()

    def _mark(self, name: str) -> str:
        """What stands for a name, which may be of 1 KiB, where it is counted: 100,000 of them are 15 MiB then."""
        return self._digest(name.encode("utf-8"))[:16].decode("latin-1")

    def _decoy(self, name: str) -> str:
        """Some user's hash, for one that does not exist the same at each try: checking it takes what theirs take."""
        number = int.from_bytes(self._digest(name.encode("utf-8"))[:8], "big")
        return self._decoys[number % len(self._decoys)]

    async def _wait(self, checking: Awaitable[bool | None], attempt: _Attempt, remote: str) -> Found:
        is_told = False
        try:
            is_right = await checking
            is_told = True
        finally:
            if not is_told:  # whoever hangs up has cost as much as whoever is wrong, and is counted as that
                self._failures.count(origin_of(remote), attempt.at)
        if is_right is None:
            return _QUEUED
        found = self._judged(attempt, is_right)
        return found if found is None or isinstance(found, tuple) else await found

    def _judged(self, attempt: _Attempt, is_right: bool) -> Found | Awaitable[Found]:
        if is_right and attempt.name in self._users:
            return self._accept(attempt.digest, attempt.name)
        self._names.count(self._mark(attempt.name), attempt.at)
        self._remember(attempt.digest, None)
        return _REFUSED

    def _accept(self, digest: bytes, name: str) -> Found | Awaitable[Found]:
        self._remember(digest, name)
        return self._admission.prove(Vouched(name, is_known=self._is_known), _AUTHORIZATION)

    def _remember(self, digest: bytes, name: str | None) -> None:
        self._cache.put(digest, digest, _Judged(name, self._seconds() + REMEMBERED_SECONDS))


def prepared(text: str) -> str:
    """A name or password in the one form that is compared (RFC 7617 section 2.1, RFC 8265 section 4.2)."""
    return unicodedata.normalize("NFC", text)


def _read(shown: bytes) -> tuple[str, bytes] | None:
    """Name and password (RFC 7617 section 2); None for what is no such pair, or holds control characters."""
    if len(shown) > MAX_BYTES * 4 // 3 + 4:
        return None
    try:
        text = prepared(binascii.a2b_base64(shown, strict_mode=True).decode("utf-8"))
    except ValueError:  # binascii.Error and UnicodeDecodeError are
        return None
    name, colon, password = text.partition(":")
    if not name or not colon or _CONTROL.search(text):
        return None
    return name, password.encode("utf-8")
