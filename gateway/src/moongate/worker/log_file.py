"""The place that the access log goes to, open."""

from __future__ import annotations

import logging
import os
import stat
import sys

from moongate.observe.access_log import AccessLog

_log = logging.getLogger("moongate.access")


class LogFile:
    """The log at ``where``: None (off), ``stdout``, ``stderr`` or a path. ``log`` is None where it is off."""

    def __init__(self, where: str | None) -> None:
        """Raises OSError where the file can not be opened."""
        self.where = where
        self.log: AccessLog | None = None
        self._own: int | None = None
        self._is_lost = False  # moved away, and said so
        if where in ("stdout", "stderr"):
            self.log = AccessLog(sys.stdout.fileno() if where == "stdout" else sys.stderr.fileno())
        elif where is not None:
            self._own = _open(where)
            self.log = AccessLog(self._own, self._follow if stat.S_ISREG(os.fstat(self._own).st_mode) else None)

    def _follow(self) -> None:
        """Go on in a new file where the old one was moved away or removed, as logrotate does. Called by the thread that
        writes: a disk that hangs holds up no request."""
        own, where = self._own, self.where
        if own is None or where is None or _is_same(own, where):
            return
        try:
            new = _open(where)
        except OSError as error:
            if not self._is_lost:
                _log.error("the access log %s was moved, and can not be opened anew: %s", where, error.strerror)
            self._is_lost = True
            return
        if self._own is not None:  # else it was closed meanwhile, and the number may be somebody else's
            os.dup2(new, own, inheritable=False)  # the number stays, for it is what is written to
        os.close(new)
        self._is_lost = False

    def flush(self) -> None:
        if self.log is not None:
            self.log.flush()

    def close(self) -> None:
        """Write the rest and close; may wait for a slow reader for two seconds."""
        if self.log is not None:
            self.log.close()
            self.log = None
        own, self._own = self._own, None
        if own is not None:
            os.close(own)


def _open(where: str) -> int:
    return os.open(where, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)


def _is_same(own: int, where: str) -> bool:
    """Whether ``where`` still is the file that ``own`` is open for."""
    try:
        return os.path.samestat(os.fstat(own), os.stat(where))  # noqa: PTH116 - compared with that of a descriptor
    except OSError:
        return False
