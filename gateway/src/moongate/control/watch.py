"""Files that are watched for changes: by looking, for that works on every file system, in containers and over NFS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Stamp: TypeAlias = "tuple[int, int, int] | None"
"""Changes when a file does: time of change, size, inode; None where it can not be seen."""


def stamp_of(path: str) -> Stamp:
    """The stamp of a file; of a directory, it changes when a file in it comes, goes or is renamed."""
    try:
        stat = Path(path).stat()
    except (OSError, ValueError):
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


class Watcher:
    """Notices that files changed, once they rest: an editor writes in several steps."""

    def __init__(self, seen: Mapping[str, Stamp]) -> None:
        """``seen`` are the stamps from before the files were read."""
        self.reset(seen)

    def reset(self, seen: Mapping[str, Stamp]) -> None:
        """The files were read again."""
        self._seen = dict(seen)
        self._last = self._seen

    def look(self) -> list[str]:
        """The files that changed, where they are as they were at the last look; else none."""
        now = {path: stamp_of(path) for path in self._seen}
        rests, self._last = now == self._last, now
        return [path for path, stamp in now.items() if stamp != self._seen[path]] if rests else []
