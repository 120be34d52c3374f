"""Files of keys: whole or not at all, and for this user alone."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Final

from moongate.control.accounts.place import PlaceInvalid

MAX_BYTES: Final = 64 * 1024 * 1024


def read_file(path: str, what: str) -> bytes | None:
    """What is in the file; None where there is none. Raises PlaceInvalid."""
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PlaceInvalid(f"cannot read {what} in {path}: {error.strerror}") from None


def write_file(path: str, content: bytes, what: str) -> None:
    """Replace the file in one step; its directory is made where there is none. Raises PlaceInvalid."""
    place = Path(path)
    temporary = ""
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)  # 0600
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(place)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        raise PlaceInvalid(f"cannot keep {what} in {path}: {error.strerror}") from None
