"""The textbook gateway of `flask_gateway.py` under gunicorn: one worker process with threads."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from benchmarks.peers.peer import find, must_find, version_of
from benchmarks.processes import ROOT

if TYPE_CHECKING:
    from benchmarks.model import Needs, Site

THREADS = 16


class FlaskGateway:
    name = "Flask + requests"
    how_to_install = "make setup (wheels flask, requests, gunicorn)"

    def is_available(self) -> bool:
        return find("gunicorn") is not None

    def version(self) -> str:
        return version_of(sys.executable, "-c", "import importlib.metadata as m; print(m.version('flask'))")

    def can(self, needs: Needs) -> bool:
        is_plain = not (needs.tls or needs.upgrade or needs.full)
        return is_plain and needs.routes == 1 and needs.connections <= 64

    def write_config(self, site: Site) -> None:
        """Nothing: it takes the origin from the environment."""

    def command(self, site: Site) -> list[str]:
        settings = [f"ORIGIN=http://127.0.0.1:{site.origin}", f"THREADS={THREADS}"]
        server = ["--worker-class", "gthread", "--workers", "1", "--threads", str(THREADS), "--keep-alive", "300"]
        place = ["--bind", f"127.0.0.1:{site.port}", "--backlog", "4096", "--log-level", "error"]
        app = "benchmarks.peers.flask_gateway:create_app()"
        return ["env", *settings, must_find("gunicorn"), *server, *place, "--pythonpath", str(ROOT), app]
