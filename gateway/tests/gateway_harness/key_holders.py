"""Issuers' keys and the gateway's own, as filters see them, written down by the test."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from joserfc.jwk import ECKey

from moongate.stores.keys import KeySet, SigningKey

if TYPE_CHECKING:
    from collections.abc import Awaitable


class HeldKeys:
    """filters.port.KeySets. ``coming`` are what a look brings, by their sources; without ``answers`` control does not
    say anything in time, and with ``is_quiet`` it did a moment ago."""

    def __init__(self, **coming: bytes) -> None:
        self.version = 0
        self.sets: dict[str, KeySet] = {}
        self.coming: dict[str, bytes] = dict(coming)
        self.answers = True
        self.is_quiet = False
        self.waits = 0

    def hold(self, source: str, document: bytes, *, is_fresh: bool = True) -> None:
        self.version += 1
        self.sets[source] = KeySet(document, is_fresh)

    def drop(self, source: str) -> None:
        self.version += 1
        del self.sets[source]

    def held(self, source: str) -> KeySet | None:
        return self.sets.get(source)

    def wait(self, source: str) -> Awaitable[bool] | None:
        return None if self.is_quiet else self._look(source)

    async def _look(self, source: str) -> bool:
        self.waits += 1
        if self.answers and source in self.coming:
            self.hold(source, self.coming[source])
        return self.answers


class HeldSigningKey:
    """filters.port.Signing."""

    def __init__(self, current: SigningKey | None) -> None:
        self.current = current


def signing_key(kid: str = "g1") -> SigningKey:
    """A new one."""
    key = ECKey.generate_key("P-256", {"kid": kid}, private=True)
    return SigningKey(kid, json.dumps(key.as_dict(private=True)).encode(), "moongate")
