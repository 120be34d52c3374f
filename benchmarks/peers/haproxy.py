"""HAProxy: one thread, connections reused always; many routes by a prefix map, as its manual advises, not by acls.

Its buffers of 16 KiB stay: 64 KiB ones are a third cheaper for bodies of 1 MiB, but dearer for those of 64 KiB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.peers.peer import find, must_find, version_of

if TYPE_CHECKING:
    from benchmarks.model import Needs, Site

CONFIG = """\
global
  nbthread 1
  no strict-limits
  maxconn {connections}
defaults
  mode http
  option http-keep-alive
  http-reuse always
  timeout connect 5s
  timeout client 300s
  timeout server 300s
  timeout tunnel 300s
  timeout http-keep-alive 300s
frontend front
  bind 127.0.0.1:{port} backlog 4096{tls}
  option forwardfor
  http-request set-header X-Forwarded-Proto {scheme}
  {choice}
backend origin
  server origin 127.0.0.1:{origin} pool-max-conn -1
"""


class HAProxy:
    name = "HAProxy"
    how_to_install = "apt-get install haproxy"

    def is_available(self) -> bool:
        return find("haproxy") is not None

    def version(self) -> str:
        return version_of(must_find("haproxy"), "-v")

    def can(self, needs: Needs) -> bool:
        return not needs.full

    def write_config(self, site: Site) -> None:
        choice = "default_backend origin"
        if site.needs.routes > 1:
            (site.folder / "routes.map").write_text("".join(f"{prefix} origin\n" for prefix in site.prefixes()))
            choice = "use_backend %[path,map_beg(routes.map)]"
        tls = ""
        if site.tls:
            bundle = site.tls.certificate.read_text() + site.tls.key.read_text()
            (site.folder / "bundle.pem").write_text(bundle)
            tls = " ssl crt bundle.pem ssl-min-ver TLSv1.2"
        config = CONFIG.format(
            connections=site.needs.connections + 512,
            port=site.port,
            origin=site.origin,
            scheme=site.scheme,
            tls=tls,
            choice=choice,
        )
        (site.folder / "haproxy.cfg").write_text(config)

    def command(self, site: Site) -> list[str]:
        return [must_find("haproxy"), "-db", "-f", "haproxy.cfg"]
