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

from moongate.core.errors import OVERLOADED
from moongate.filters.admission import Admission, Vouched
from moongate.filters.authenticate import INVALID
from moongate.filters.jwt_cache import TokenCache
from moongate.filters.password_hash import is_password
from moongate.filters.verdicts import Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from moongate.core.exchange import Exchange
    from moongate.filters.authenticate import Found, Method
    from moongate.filters.port import Tools

KIND: Final = "basic"
REMEMBERED_SECONDS: Final = 300.0
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


class Basic:
    """The method itself. What was judged is remembered by a digest under a key that is nowhere else: not even a dump of
    the cache tells a password to whoever guesses."""

    __slots__ = ("_admission", "_cache", "_decoys", "_is_known", "_key", "_passwords", "_salt", "_seconds", "_users")

    def __init__(self, plan: BasicPlan, tools: Tools) -> None:
        self._admission = Admission(KIND, tools.accounts)
        self._is_known = plan.is_known
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
                return self._admit(judged.name)
            self._cache.drop(digest)
        read = _read(shown)
        if read is None:
            return _MALFORMED
        name, password = read
        known = self._users.get(name)
        check = functools.partial(is_password, self._decoy(name) if known is None else known, password)
        if self._passwords is None:
            return self._judged(digest, name, check() and known is not None)
        return self._wait(self._passwords.check(digest, check), digest, name if known is not None else None)

    def _digest(self, octets: bytes) -> bytes:
        return hashlib.blake2b(octets, digest_size=32, key=self._key).digest()

    def _decoy(self, name: str) -> str:
        """Some user's hash, for one that does not exist the same at each try: checking it takes what theirs take."""
        number = int.from_bytes(self._digest(name.encode("utf-8"))[:8], "big")
        return self._decoys[number % len(self._decoys)]

    async def _wait(self, checking: Awaitable[bool | None], digest: bytes, name: str | None) -> Found:
        is_right = await checking
        if is_right is None:
            return _QUEUED
        found = self._judged(digest, name or "", is_right and name is not None)
        return found if found is None or isinstance(found, tuple) else await found

    def _judged(self, digest: bytes, name: str, is_right: bool) -> Found | Awaitable[Found]:
        judged = _Judged(name if is_right else None, self._seconds() + REMEMBERED_SECONDS)
        self._cache.put(digest, digest, judged)
        return self._admit(judged.name)

    def _admit(self, name: str | None) -> Found | Awaitable[Found]:
        if name is None:
            return _REFUSED
        return self._admission.prove(Vouched(name, is_known=self._is_known), _AUTHORIZATION)


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
