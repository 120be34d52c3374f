"""Moongate itself, run as anyone would run it, with one worker and the access log off like all the others.

Where its wheel was built beside this environment (`make bench` does, given a C compiler) it is that wheel, with its hot
modules compiled, and the sources that the interpreter runs are a gateway of their own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import moongate
from benchmarks import issuer
from benchmarks.clients import TOKEN
from benchmarks.peers.peer import find, must_find

if TYPE_CHECKING:
    from benchmarks.model import Needs, Site


_COMPILED: Final = Path(sys.prefix) / "compiled"  # see the Makefile
_SOURCES: Final = Path(moongate.__file__).parent


def _is_compiled() -> bool:
    """Whether there is a wheel, and of the sources as they are now."""
    ready = _COMPILED / ".ready"
    return ready.exists() and ready.stat().st_mtime >= max(each.stat().st_mtime for each in _SOURCES.rglob("*.py"))


class Moongate:
    name = "Moongate"
    how_to_install = "make setup"

    def is_available(self) -> bool:
        return find("moongate") is not None

    def is_wheel(self) -> bool:
        return _is_compiled()

    def version(self) -> str:
        return f"this checkout, {'compiled' if self.is_wheel() else 'interpreted'}"

    def can(self, needs: Needs) -> bool:
        return True

    def write_config(self, site: Site) -> None:
        """JSON, which is YAML too."""
        listener: dict[str, Any] = {"bind": f"127.0.0.1:{site.port}"}
        if site.tls:
            listener["tls"] = {"certificate": str(site.tls.certificate), "key": str(site.tls.key)}
        upgrade = {"upgrade": "websocket"} if site.needs.upgrade else {}
        paths = [f"{prefix}**" for prefix in site.prefixes()] if site.needs.routes > 1 else ["/**"]
        config = {
            "version": 1,
            "listeners": [listener],
            "access_log": str(site.folder / "access.log") if site.needs.full else False,
            "admin": False,
            "drain": {"notice": "0s"},
            "services": {"origin": {"targets": [f"http://127.0.0.1:{site.origin}"]}},
            "routes": [
                {"name": f"route-{number}", "match": {"path": path}, "service": "origin", **upgrade}
                for number, path in enumerate(paths)
            ],
            **(_access(site) if site.needs.full else {}),
        }
        (site.folder / "moongate.yaml").write_text(json.dumps(config, indent=1))

    def command(self, site: Site) -> list[str]:
        environment = ("env", f"PYTHONPATH={_COMPILED}") if self.is_wheel() else ()
        return [*environment, must_find("moongate"), "run", "moongate.yaml"]


class Interpreted(Moongate):
    """The same from its sources, to be set beside the wheel."""

    name = "Moongate interpreted"
    how_to_install = "apt-get install gcc python3-dev, for the wheel to compare it with"

    def is_available(self) -> bool:
        return super().is_available() and _is_compiled()

    def is_wheel(self) -> bool:
        return False


def _access(site: Site) -> dict[str, Any]:
    route = {
        "name": "inventory",
        "match": {"path": "/{kind}/**"},
        "service": "origin",
        "resource": "inventory/{kind}/{id?}",
        "filters": [{"authenticate": {"methods": [_token() if site.needs.token else "api_key"]}}, "authorize"],
    }
    replica = str(site.folder / "replica.sqlite")
    accounts = {"url": f"http://127.0.0.1:{site.feed}", "token": TOKEN, "replica": replica}
    return {"routes": [route], "accounts": accounts}


def _token() -> dict[str, Any]:
    accepted = {"issuer": issuer.ISSUER, "audience": issuer.AUDIENCE, "keys": issuer.keys(), "known_to_accounts": True}
    return {"jwt": accepted}
