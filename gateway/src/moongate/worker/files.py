"""How many files a process may open."""

from __future__ import annotations

import resource

from moongate.core.limits import SPARE_FILES


def raise_file_limit() -> int:
    """As many as this process may allow itself; shells start programs with 1,024. Returns the number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):
            return soft
    return hard


def connections_within(files: int) -> int:
    """How many clients' connections so many files allow. One in ten is left for the services' side; without any left,
    neither could be accepted nor dialled."""
    return max(1, files * 9 // 10 - SPARE_FILES)
