"""The origin behind every gateway: as cheap and as steady as can be had, so that it is never the bottleneck.

nginx answering from memory costs about a third of the cheapest gateway's request. Only what it cannot do (read a
whole request body before it answers, echo WebSocket messages) is done by `echo_origin.py`, at a higher price.
"""

from __future__ import annotations

import random
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.model import BODY
from benchmarks.peers.peer import find, must_find
from benchmarks.processes import ROOT, started

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.model import Needs

CONFIG = """\
daemon off;
worker_processes 1;
pid origin.pid;
error_log stderr crit;
events {{ worker_connections 16384; }}
http {{
  access_log off;
  server_tokens off;
  tcp_nopush on;
  sendfile on;
  open_file_cache max=16;
  keepalive_timeout 300s;
  keepalive_requests 1000000000;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{ default_type application/json; return 200 '{body}'; }}
    location /bytes/ {{ root .; default_type application/octet-stream; }}
  }}
}}
"""

SIZES = {"1 KiB": 2**10, "64 KiB": 2**16, "1 MiB": 2**20}


def is_available() -> bool:
    return find("nginx") is not None


@contextmanager
def origin(folder: Path, port: int, core: int, needs: Needs) -> Iterator[subprocess.Popen[bytes]]:
    """Run the origin that a scenario needs; it is asked through the gateway whether it is ready."""
    if needs.reads_bodies or needs.upgrade:
        command = ["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "benchmarks.echo_origin", str(port)]
    else:
        (folder / "origin.conf").write_text(CONFIG.format(port=port, body=BODY.decode()))
        command = [must_find("nginx"), "-e", "stderr", "-p", str(folder), "-c", "origin.conf"]
    with started(command, core, folder, "origin.log") as process:
        yield process


def write_bodies(folder: Path) -> None:
    """Make `folder/bytes/SIZE`: what is downloaded and uploaded. Random, so that nothing gains by compressing it."""
    (folder / "bytes").mkdir()
    for size in SIZES.values():
        (folder / "bytes" / str(size)).write_bytes(random.Random(size).randbytes(size))
