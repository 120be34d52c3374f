"""Waiting for what another process may do at any time: by looking again."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_S = 0.03125
"""How often a waiting reader looks again: half of all changes are seen within 20 ms, and a look takes below 1 ms.

Other processes write too, so it must look rather than be told.
"""


def wait_for(look: Callable[[], T | None], seconds: float, sleep: Callable[[float], None]) -> T | None:
    """What `look` finds, at once or later; None when it found nothing until `seconds` had passed."""
    found = look()
    for _ in range(int(seconds / POLL_S)):
        if found is not None:
            break
        sleep(POLL_S)
        found = look()
    return found
