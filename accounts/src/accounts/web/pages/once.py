"""What is shown once: the text of a new key, between the form that made it and the page that shows it.

It waits in the memory of the process, never in the database, a cookie or a URL, and for a minute at most; who reloads
the page sees it gone. Of several processes another may be asked for the page: then the key is made anew.
"""

import threading
from collections import OrderedDict

from accounts.domain.times import SECOND
from servicekit.core.values import Clock

KEPT_S = 60
MAX_KEPT = 1000
"""The oldest goes first."""


class Once:
    """Texts by who may see them and for what. Safe for threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], tuple[int, str]] = OrderedDict()

    def keep(self, session: str, subject: str, text: str) -> None:
        """Keep a text for the session of that id."""
        now = self._clock()
        with self._lock:
            while self._kept and (len(self._kept) >= MAX_KEPT or next(iter(self._kept.values()))[0] <= now):
                self._kept.popitem(last=False)
            self._kept[session, subject] = (now + KEPT_S * SECOND, text)

    def take(self, session: str, subject: str) -> str | None:
        """The text, and forget it."""
        with self._lock:
            until, text = self._kept.pop((session, subject), (0, ""))
        return text if self._clock() < until else None
