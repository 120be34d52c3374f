"""CPU time and memory of a whole process tree, from /proc (proc(5)). Linux only."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Stat:
    """The fields of /proc/PID/stat that matter here; times in clock ticks."""

    pid: int
    session: int
    has_ended: bool
    """A zombie: its times still count, but it holds nothing any more."""
    ticks: int
    """User and system time of all its threads, dead ones too, and of children it has waited for."""


def parse_stat(text: str) -> Stat:
    """Read one /proc/PID/stat line. The command name may hold spaces and parentheses, so cut at the last one."""
    pid = int(text[: text.index(" ")])
    fields = text[text.rindex(")") + 2 :].split()
    utime, stime, cutime, cstime = map(int, fields[11:15])
    return Stat(pid, int(fields[3]), has_ended=fields[0] in "ZX", ticks=utime + stime + cutime + cstime)


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident bytes of one process: those nobody else maps, and the rest."""

    private: int
    shared: int


def parse_memory(text: str) -> Memory:
    """Read /proc/PID/smaps_rollup; zeros where it is empty (a kernel thread, a zombie)."""
    sizes = {words[0]: int(words[1]) * 1024 for line in text.splitlines() if len(words := line.split()) == 3}
    private = sizes.get("Private_Clean:", 0) + sizes.get("Private_Dirty:", 0)
    return Memory(private, shared=sizes.get("Rss:", 0) - private)


def resident(tree: list[Memory]) -> int:
    """Resident bytes of a tree, pages that its forks share counted once.

    Private pages of all, and the largest shared part. Unlike Pss, this does not shrink when a stranger (the origin,
    which is nginx too) maps the same libraries; for a single process it is exactly its Rss.
    """
    return sum(memory.private for memory in tree) + max((memory.shared for memory in tree), default=0)


def parse_busy(text: str, cores: set[int]) -> int:
    """Ticks that some cores were not idle, from /proc/stat; time stolen by the hypervisor counts as busy."""
    busy = 0
    for line in text.splitlines():
        name, *fields = line.split()
        if name.startswith("cpu") and name[3:].isdigit() and int(name[3:]) in cores:
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[:8])
            busy += user + nice + system + irq + softirq + steal
    return busy


def busy_seconds(cores: set[int]) -> float:
    """Time since boot that some cores were busy, with whatever."""
    return parse_busy(Path("/proc/stat").read_text(), cores) / TICKS


def session_stats(session: int) -> list[Stat]:
    """Every living process of a session. A gateway is started as the leader of its own, so this is its tree."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            text = _read(Path(entry.path, "stat"))
            if text and (stat := parse_stat(text)).session == session:
                found.append(stat)
    return found


def cpu_seconds(session: int) -> float:
    """CPU time used so far by the session's processes and by their children that ended and were waited for."""
    return sum(stat.ticks for stat in session_stats(session)) / TICKS


def memory_bytes(session: int) -> int:
    """Resident memory of the session's processes: see `resident`."""
    return resident([parse_memory(_read(Path(f"/proc/{stat.pid}/smaps_rollup"))) for stat in session_stats(session)])


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it ended between the listing and the reading
        return ""
