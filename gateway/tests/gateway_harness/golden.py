"""Golden files: a config, a line of dashes, and exactly what is expected of it.

``GOLDEN=write pytest gateway/tests/golden`` writes what is there now; read the diff before committing it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MARK = b"---- expected\n"


def split_golden(path: Path) -> tuple[bytes, str]:
    """The config's bytes and the expected text."""
    config, _, expected = path.read_bytes().partition(MARK)
    return config, expected.decode()


def assert_golden(path: Path, actual: str) -> None:
    """``actual`` is what the file expects; under ``GOLDEN=write`` the file expects it from now on."""
    config, expected = split_golden(path)
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(config + MARK + actual.encode())
        return
    assert actual == expected, f"{path.name}: read the difference; GOLDEN=write accepts it"
