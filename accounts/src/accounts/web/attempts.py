"""Wrong passwords are made slow: after a few in a row for a name, the next is looked at only some time later.

Counted by the name that is tried, for an address costs an attacker nothing. A name that nobody has counts as well, so
that the answer does not tell which names there are. The owner of a name under attack still has tokens to come in with.
Names are kept as digests, for a name that nobody has may be as long as a form.
"""

import hashlib
import threading
from collections import OrderedDict

from accounts.domain.errors import TooManyAttemptsError
from accounts.domain.names import normal
from accounts.domain.times import SECOND
from servicekit.core.values import Clock

FREE = 5
"""Wrong ones in a row before waiting begins: people mistype."""
MAX_WAIT_S = 300
MAX_NAMES = 10_000
"""Names remembered; the one tried longest ago is forgotten first."""


class Attempts:
    """Of one process; several processes allow that many times more. Safe for threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: OrderedDict[bytes, tuple[int, int]] = OrderedDict()

    def check(self, name: str) -> None:
        """Raises TooManyAttemptsError while the next attempt has to wait."""
        with self._lock:
            _, until = self._failures.get(_digest(name), (0, 0))
        left = until - self._clock()
        if left > 0:
            raise TooManyAttemptsError(-(-left // SECOND))

    def failed(self, name: str) -> None:
        """Remember a wrong password; the wait doubles with each beyond the free ones."""
        key = _digest(name)
        with self._lock:
            count = self._failures.pop(key, (0, 0))[0] + 1
            wait = 0 if count < FREE else min(2 ** min(count - FREE, 16), MAX_WAIT_S)
            self._failures[key] = (count, self._clock() + wait * SECOND)
            if len(self._failures) > MAX_NAMES:
                self._failures.popitem(last=False)

    def succeeded(self, name: str) -> None:
        """Forget them."""
        with self._lock:
            self._failures.pop(_digest(name), None)


def _digest(name: str) -> bytes:
    return hashlib.sha256(normal(name).encode()).digest()
