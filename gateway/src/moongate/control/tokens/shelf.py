"""The last good keys of every issuer, in a file: a gateway that starts while an issuer is down serves at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import msgspec

from moongate.control.accounts.moment import Moment, current
from moongate.control.accounts.place import PlaceInvalid
from moongate.control.tokens.documents import read_key_set
from moongate.control.tokens.fetch import FetchFailed
from moongate.control.tokens.files import read_file, write_file

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT_SECONDS: Final = 24 * 3600.0
_WHAT: Final = "issuers' keys"


class Kept(msgspec.Struct, frozen=True):
    """A JWK Set, and when it was fetched."""

    document: str
    fetched: Moment


class _File(msgspec.Struct):
    """By the names of their sources."""

    key_sets: dict[str, Kept]


class Shelf:
    """One file. That it cannot be written is told once, and nobody is refused for it."""

    def __init__(self, path: str, say: Callable[[str], None]) -> None:
        self.path = path
        self._say = say
        self._is_told = False
        self._lock = asyncio.Lock()
        self._kept = self._read()

    def get(self, source: str) -> Kept | None:
        """What is still good of ``source``."""
        kept = self._kept.get(source)
        return None if kept is None or kept.fetched.age(current()) >= KEPT_SECONDS else kept

    async def put(self, source: str, kept: Kept) -> None:
        self._kept[source] = kept
        now = current()
        self._kept = {name: each for name, each in self._kept.items() if each.fetched.age(now) < KEPT_SECONDS}
        async with self._lock:
            try:
                await asyncio.to_thread(write_file, self.path, msgspec.json.encode(_File(self._kept)), _WHAT)
            except PlaceInvalid as invalid:
                self._tell(f"{invalid}: they do not outlive this process")
            else:
                self._is_told = False

    def _read(self) -> dict[str, Kept]:
        try:
            content = read_file(self.path, _WHAT)
            if content is None:
                return {}
            kept = msgspec.json.decode(content, type=_File).key_sets
            for each in kept.values():
                read_key_set(each.document.encode())
        except (PlaceInvalid, FetchFailed, msgspec.DecodeError, ValueError, RecursionError) as error:
            self._tell(f"the keys in {self.path} are of no use and fetched anew: {error}")
            return {}
        return kept

    def _tell(self, trouble: str) -> None:
        if not self._is_told:
            self._is_told = True
            self._say(trouble)
