"""Tokens that were verified, by their SHA-256 (0.7 us; verifying takes 90 to 270): bounded, and used ones stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sized

T = TypeVar("T")

MAX_TOKENS: Final = 16_384
MAX_BYTES: Final = 8 * 1024 * 1024
"""Of tokens as they were sent; their claims take four times that."""


class TokenCache(Generic[T]):
    """What is remembered of each token, the one that was used last at the end."""

    __slots__ = ("_bytes", "_found", "_max_bytes", "_max_tokens")

    def __init__(self, max_tokens: int = MAX_TOKENS, max_bytes: int = MAX_BYTES) -> None:
        self._max_tokens = max_tokens
        self._max_bytes = max_bytes
        self._bytes = 0
        self._found: dict[bytes, tuple[T, int]] = {}

    def __len__(self) -> int:
        return len(self._found)

    def get(self, digest: bytes) -> T | None:
        held = self._found.pop(digest, None)
        if held is None:
            return None
        self._found[digest] = held
        return held[0]

    def put(self, digest: bytes, token: Sized, value: T) -> None:
        self.drop(digest)
        self._found[digest] = (value, len(token))
        self._bytes += len(token)
        while len(self._found) > self._max_tokens or self._bytes > self._max_bytes:
            self.drop(next(iter(self._found)))

    def drop(self, digest: bytes) -> None:
        held = self._found.pop(digest, None)
        if held is not None:
            self._bytes -= held[1]
