"""The place that the access log goes to, open."""

from __future__ import annotations

import os
import sys

from moongate.observe.access_log import AccessLog


class LogFile:
    """The log at ``where``: None (off), ``stdout``, ``stderr`` or a path. ``log`` is None where it is off."""

    def __init__(self, where: str | None) -> None:
        """Raises OSError where the file can not be opened."""
        self.where = where
        self.log: AccessLog | None = None
        self._own: int | None = None
        if where in ("stdout", "stderr"):
            self.log = AccessLog(sys.stdout.fileno() if where == "stdout" else sys.stderr.fileno())
        elif where is not None:
            self._own = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
            self.log = AccessLog(self._own)

    def flush(self) -> None:
        if self.log is not None:
            self.log.flush()

    def close(self) -> None:
        """Write the rest and close; may wait for a slow reader for two seconds."""
        if self.log is not None:
            self.log.close()
            self.log = None
        if self._own is not None:
            os.close(self._own)
            self._own = None
