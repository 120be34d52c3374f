"""How often credentials were wrong, by whoever showed them: so many at once, then one each few seconds.

Whoever is beyond that is answered 429 instead of 401 while its credentials are wrong, and what can be guessed, a
password, is not even looked at. Credentials that are right go on, also from the same address: an office behind one
address does not pay for the one machine in it that has an old key. That has its price: a key or a token is judged every
time. It is not to be guessed, and judging it costs no more than a few requests do.
"""

from __future__ import annotations

import math

from moongate.core.errors import RATE_LIMITED
from moongate.core.limits import FAILED_CREDENTIALS, FAILED_CREDENTIALS_SECONDS, MAX_FAILING
from moongate.filters.verdicts import Refusal


class Failures:
    """One state for each of ``max_entries``, a number: when all that was shown is forgotten (GCRA)."""

    __slots__ = ("_interval", "_max_entries", "_patience", "_until")

    def __init__(self, allowed: int = FAILED_CREDENTIALS, max_entries: int = MAX_FAILING) -> None:
        """``allowed`` in a minute."""
        self._interval = FAILED_CREDENTIALS_SECONDS / allowed
        self._patience = FAILED_CREDENTIALS_SECONDS - self._interval
        self._max_entries = max_entries
        self._until: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._until)

    def wait(self, who: str, now: float) -> int:
        """Whole seconds until another wrong one is borne; 0 where it is now (``clock.monotonic`` seconds)."""
        return max(0, math.ceil(self._until.get(who, now) - now - self._patience))

    def count(self, who: str, now: float) -> int:
        """Another wrong one; else as `wait`. One that is not borne is not counted: it costs nothing, and whoever waits
        as told is heard again."""
        seconds = self.wait(who, now)
        if not seconds:
            before = self._until.pop(who, now)
            if len(self._until) >= self._max_entries:
                del self._until[next(iter(self._until))]  # who failed least recently
            self._until[who] = max(before, now) + self._interval
        return seconds


def refusal(seconds: int, reason: str) -> Refusal:
    """What whoever has to wait for so long is told."""
    return Refusal(RATE_LIMITED, reason, ((b"Retry-After", b"%d" % seconds),))
