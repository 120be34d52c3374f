"""What Linux says of a child and of everything it started: a child leads a session of its own."""

from pathlib import Path


def session_of(leader: int) -> set[int]:
    """Return the living processes of the session; a zombie waits only to be collected and counts as gone."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, _group, session = path.read_text().rpartition(")")[2].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(session) == leader and state != "Z":
            found.add(int(path.parent.name))
    return found


def resident_bytes(leader: int) -> int:
    """Return the memory that the session holds now; pages its processes share count once for each."""
    return sum(_status_bytes(pid, "VmRSS") for pid in session_of(leader))


def peak_bytes(leader: int) -> int:
    """Return the most memory that the processes of the session have ever held, added up."""
    return sum(_status_bytes(pid, "VmHWM") for pid in session_of(leader))


def _status_bytes(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) * 1024
    raise LookupError(f"process {pid} has no {field}")
