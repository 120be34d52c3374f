"""A config with accounts, and a replica of it with three clients: for commands that say who may do what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway_harness.replicas import TOKEN, URL, client_item, fill, item, new_store

if TYPE_CHECKING:
    from pathlib import Path

READS = {"resource": "inventory/cars/**", "actions": ["read"]}


def fill_replica(directory: Path) -> None:
    """c1 and, by its role, c2 read cars; c3 would, and is suspended."""
    store = new_store(directory)
    fill(
        store,
        client_item(1, grants=[READS]),
        client_item(2, roles=["reader"]),
        client_item(3, grants=[READS], status="suspended"),
        item("role", "reader", {"name": "reader", "grants": [READS]}),
    )
    store.close()


def granted(directory: Path) -> Path:
    """The path of a config, with such a replica beside it."""
    fill_replica(directory)
    config = directory / "gateway.yaml"
    config.write_text(
        "version: 1\nlisteners: [{bind: '127.0.0.1:0'}]\naccess_log: false\nadmin: {bind: '127.0.0.1:0'}\n"
        f"accounts: {{url: '{URL}', token: {TOKEN}, replica: {directory}/replica.sqlite}}\n"
        "services: {api: {targets: [http://127.0.0.1:1]}}\n"
        "routes:\n"
        "  - {name: vehicles, match: {path: '/api/{kind}/**'}, resource: 'inventory/{kind}/{id?}', service: api,\n"
        "     filters: [authenticate, authorize]}\n"
        "  - {name: open, match: {path: /open}, service: api}\n"
    )
    return config
