"""The machine: which core does what, and the line about it that goes under every table."""

from __future__ import annotations

import os
import platform
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.model import UsageError


@dataclass(frozen=True, slots=True)
class Cores:
    """The gateway has a core of its own; load and origin share the next one, or have one each where there are three."""

    gateway: int
    load: int
    origin: int

    @property
    def all(self) -> set[int]:
        return {self.gateway, self.load, self.origin}


def choose_cores() -> Cores:
    """Pick cores from those this process may use; raises UsageError where there are fewer than two."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise UsageError("the benchmark needs two cores: one for the gateway, one for load and origin")
    return Cores(gateway=cores[0], load=cores[1], origin=cores[2] if len(cores) > 2 else cores[1])


def describe() -> str:
    """CPU model, number of cores, memory and kernel series; nothing that names the host."""
    model = "unknown CPU"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kernel = ".".join(platform.release().split(".")[:2])
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {kernel}, {_python()}"


def _python() -> str:
    """This Python, and who built it where that is the distribution: others' builds are slower as a rule."""
    said = f"CPython {platform.python_version()}"
    if sys.base_prefix != "/usr":
        return said
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return said
    return f"{said} of {release['NAME'].removesuffix(' GNU/Linux')} {release.get('VERSION_ID', '')}".rstrip()


def free_port() -> int:
    """A loopback port nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
