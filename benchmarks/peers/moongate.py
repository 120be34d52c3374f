"""Moongate itself, run as anyone would run it, with one worker and the access log off like all the others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks import issuer
from benchmarks.clients import TOKEN
from benchmarks.peers.peer import find, must_find

if TYPE_CHECKING:
    from benchmarks.model import Needs, Site


class Moongate:
    name = "Moongate"
    how_to_install = "make setup"

    def is_available(self) -> bool:
        return find("moongate") is not None

    def version(self) -> str:
        return "this checkout"

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
        return [must_find("moongate"), "run", "moongate.yaml"]


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
