"""How many files a process may open."""

from __future__ import annotations

import resource


def raise_file_limit() -> int:
    """As many as this process may allow itself; shells start programs with 1,024. Returns the number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):
            return soft
    return hard
