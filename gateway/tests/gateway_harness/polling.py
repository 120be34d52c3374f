"""Waiting for something to become true, with a deadline instead of a sleep that hopes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

WAIT_SECONDS = 15.0
"""Long, because the machine may be busy: a test that passes never waits this long."""


def eventually(holds: Callable[[], object], what: str, seconds: float = WAIT_SECONDS) -> None:
    """Return once ``holds()`` is true; fail, naming ``what``, when that takes longer than ``seconds``."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.005)
