"""The load: wrk on keep-alive connections, and what it reports."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.clients import key_of
from benchmarks.issuer import token
from benchmarks.model import BenchmarkError
from benchmarks.processes import kill_group

_HEADERS = {
    "User-Agent": "acme-fleet/3.2 (linux; python-httpx 0.28)",
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "en-GB,en;q=0.9,cs;q=0.7",
    "Cookie": "session=6b1f8a3d90c24e57; theme=dark; region=eu-central",
}
SCRIPT = Path(__file__).with_name("wrk.lua")
TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Load:
    """What to send: the URL, how many connections for how long, a body to post, route prefixes to visit in turn, and
    whether with a token or an API key."""

    url: str
    seconds: float
    connections: int = 64
    body: Path | None = None
    prefixes: Path | None = None
    shows_token: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came back. `failed` counts answers of 400 and above and broken, refused or timed-out connections."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    failed: int


def headers(*, shows_token: bool = False) -> dict[str, str]:
    """With Host, which wrk adds, the seven fields that a typical API call carries."""
    return {**_HEADERS, "Authorization": f"Bearer {token() if shows_token else key_of(0)}"}


def is_available() -> bool:
    return shutil.which("wrk") is not None


def run(load: Load) -> Result:
    """Run wrk for the length of `load`; raises BenchmarkError when it cannot run or nothing was answered."""
    process = subprocess.Popen(_command(load), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        output, _ = process.communicate(timeout=load.seconds + TIMEOUT_S + 30)
    except subprocess.TimeoutExpired as error:
        raise BenchmarkError("the load generator did not come to an end") from error
    finally:
        kill_group(process)
    return parse(output.decode(errors="replace"))


def _command(load: Load) -> list[str]:
    fields = [
        part for name, value in headers(shows_token=load.shows_token).items() for part in ("-H", f"{name}: {value}")
    ]
    # wrk takes whole seconds only
    options = ["-t1", f"-c{load.connections}", f"-d{max(1, round(load.seconds))}s", f"--timeout={TIMEOUT_S}s"]
    return [
        "wrk",
        *options,
        *fields,
        "-s",
        str(SCRIPT),
        load.url,
        "--",
        str(load.body or ""),
        str(load.prefixes or ""),
    ]


def parse(output: str) -> Result:
    """Read the JSON line that wrk.lua prints after wrk's own report."""
    lines = [line for line in output.splitlines() if line.startswith("{")]
    if not lines:
        raise BenchmarkError(f"the load generator failed: {' / '.join(output.strip().splitlines()[-3:])}")
    report: dict[str, int] = json.loads(lines[-1])
    if not report["requests"]:
        raise BenchmarkError("no request was answered")
    return Result(
        requests=report["requests"],
        seconds=report["microseconds"] / 1e6,
        p50_ms=report["p50_us"] / 1e3,
        p99_ms=report["p99_us"] / 1e3,
        failed=sum(report[kind] for kind in ("connect", "read", "write", "status", "timeout")),
    )
