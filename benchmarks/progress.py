"""What is seen while it runs: one line that rewrites itself on a terminal, a line a window elsewhere."""

from __future__ import annotations

import sys
import time


class Progress:
    """Counts windows and estimates what is left; writes to stderr, so that stdout holds only the tables."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._rewrites = sys.stderr.isatty()

    def __call__(self, done: int, total: int, what: str) -> None:
        line = f"[{done}/{total}] {what}"
        if 0 < done < total:
            left = (time.monotonic() - self._began) / done * (total - done)
            line += f"   {left / 60:.0f} min left" if left > 90 else f"   {left:.0f} s left"
        if self._rewrites:
            sys.stderr.write(f"\r\x1b[K{line[:150]}" + ("\n" if done == total else ""))
        else:
            sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
