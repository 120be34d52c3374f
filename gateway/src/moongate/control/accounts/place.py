"""Where the replica's file stands: nobody else may read it, and what cannot be used is thrown away."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

_OWNER_ONLY: Final = 0o600
_BESIDE: Final = ("", "-wal", "-shm", "-journal")


class PlaceInvalid(Exception):  # noqa: N818 - a verdict about somebody's path
    """A path where the replica can not be kept: says which and why."""


def take_place(path: str) -> None:
    """Make sure of a file at ``path`` that can be read and written, by this user alone; its directory is made where
    there is none. Raises PlaceInvalid."""
    place = Path(path)
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, _OWNER_ONLY)
    except OSError as error:
        raise PlaceInvalid(f"cannot keep the replica of accounts in {path}: {error.strerror}") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise PlaceInvalid(f"cannot keep the replica of accounts in {path}: it is no regular file")
        os.fchmod(descriptor, _OWNER_ONLY)
    except OSError as error:
        raise PlaceInvalid(f"cannot keep the replica of accounts in {path} to itself: {error.strerror}") from None
    finally:
        os.close(descriptor)


def clear_place(path: str) -> None:
    """Nothing is left there. Raises PlaceInvalid."""
    try:
        for suffix in _BESIDE:
            Path(path + suffix).unlink(missing_ok=True)
    except OSError as error:
        raise PlaceInvalid(f"cannot write the replica of accounts in {path} anew: {error.strerror}") from None
