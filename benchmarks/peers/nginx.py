"""nginx: one worker, upstream keep-alive pool, streaming in both directions. The yardstick: its cost is 1.0.

The larger buffers halve what a 64 KiB body costs and change nothing for small ones (measured here, both ways).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.clients import keys
from benchmarks.peers.peer import find, must_find, version_of

if TYPE_CHECKING:
    from benchmarks.model import Needs, Site

CONFIG = """\
daemon off;
worker_processes 1;
worker_rlimit_nofile {files};
pid nginx.pid;
error_log stderr crit;
events {{ worker_connections {files}; multi_accept on; }}
http {{
{full}  server_tokens off;
  tcp_nodelay on;
  keepalive_timeout 300s;
  keepalive_requests 1000000000;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  client_max_body_size 0;
  upstream origin {{
    server 127.0.0.1:{origin};
    keepalive 512;
    keepalive_requests 1000000000;
  }}
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  proxy_set_header Connection "{connection}";
{upgrade}  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_request_buffering off;
  proxy_max_temp_file_size 0;
  client_body_buffer_size 128k;
  proxy_buffers 8 64k;
  proxy_busy_buffers_size 128k;
  server {{
    listen 127.0.0.1:{port}{tls_flag} backlog=4096 default_server;
{tls}{locations}  }}
}}
"""

TLS = """\
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:tls:10m;
"""


FULL = """\
  map_hash_max_size 65536;
  map_hash_bucket_size 128;
  map $http_authorization $client {
    default "";
    include keys.map;
  }
  limit_req_zone $client zone=clients:10m rate=1000000r/s;
  log_format json escape=json '{"ts":"$time_iso8601","request_id":"$request_id","client":"$client",'
    '"method":"$request_method","path":"$uri","status":$status,"duration":$request_time,"upstream":"$upstream_addr",'
    '"upstream_duration":"$upstream_response_time","bytes_out":$body_bytes_sent,"remote":"$remote_addr",'
    '"user_agent":"$http_user_agent"}';
  access_log access.log json buffer=64k flush=1s;
"""


class Nginx:
    name = "nginx"
    how_to_install = "apt-get install nginx-light"

    def is_available(self) -> bool:
        return find("nginx") is not None

    def version(self) -> str:
        return version_of(must_find("nginx"), "-v")

    def can(self, needs: Needs) -> bool:
        return True

    def write_config(self, site: Site) -> None:
        upgrade = "  proxy_set_header Upgrade $http_upgrade;\n  proxy_read_timeout 300s;\n"
        tls = TLS.format(certificate=site.tls.certificate, key=site.tls.key) if site.tls else ""
        config = CONFIG.format(
            files=site.needs.connections * 2 + 1024,
            origin=site.origin,
            port=site.port,
            connection="upgrade" if site.needs.upgrade else "",
            upgrade=upgrade if site.needs.upgrade else "",
            tls_flag=" ssl" if site.tls else "",
            tls=tls,
            locations=_locations(site),
            full=_full(site),
        )
        (site.folder / "nginx.conf").write_text(config)

    def command(self, site: Site) -> list[str]:
        return [must_find("nginx"), "-e", "stderr", "-p", str(site.folder), "-c", "nginx.conf"]


def _full(site: Site) -> str:
    """A map of keys, a log in JSON, written in pieces of 64 KiB, and a limit for each client that nobody reaches."""
    if not site.needs.full:
        return "  access_log off;\n"
    entries = "".join(f'    "Bearer {key}" client-{number};\n' for number, key in enumerate(keys()))
    (site.folder / "keys.map").write_text(entries)
    return FULL


def _locations(site: Site) -> str:
    if site.needs.full:
        return (
            "    location / {\n      if ($client = '') { return 401; }\n"
            "      limit_req zone=clients burst=100000 nodelay;\n"
            "      proxy_set_header Authorization '';\n      proxy_set_header X-Client-Id $client;\n"
            "      proxy_set_header Host $http_host;\n      proxy_set_header Connection '';\n"
            "      proxy_set_header X-Forwarded-For $remote_addr;\n      proxy_set_header X-Forwarded-Proto $scheme;\n"
            "      proxy_pass http://origin;\n    }\n"
        )
    if site.needs.routes == 1:
        return "    location / { proxy_pass http://origin; }\n"
    return "".join(f"    location {prefix} {{ proxy_pass http://origin; }}\n" for prefix in site.prefixes())
