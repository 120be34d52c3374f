"""Each gateway's own judgement of the config written for it, where it has a command for that."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from benchmarks.certificate import make_key_pair
from benchmarks.model import Needs, Site
from benchmarks.peers.moongate import Interpreted, Moongate
from benchmarks.peers.peer import find, must_find
from benchmarks.peers.registry import PEERS

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.peers.peer import Peer

CHECKS = {
    "nginx": ["nginx", "-t", "-e", "stderr", "-p", "{folder}", "-c", "nginx.conf"],
    "HAProxy": ["haproxy", "-c", "-f", "haproxy.cfg"],
    "Envoy": ["envoy", "--mode", "validate", "-c", "{folder}/envoy.json"],
    "Caddy": ["caddy", "validate", "--config", "caddy.json"],
}
NEEDS = [Needs(), Needs(routes=10), Needs(tls=True), Needs(upgrade=True), Needs(connections=10_000)]


@pytest.mark.parametrize("needs", NEEDS, ids=str)
@pytest.mark.parametrize("peer", [peer for peer in PEERS if peer.name in CHECKS], ids=lambda peer: str(peer.name))
def test_the_config_is_accepted(peer: Peer, needs: Needs, tmp_path: Path) -> None:
    if not peer.is_available() or not find("openssl"):
        pytest.skip(f"{peer.name} or openssl is not installed")
    site = Site(tmp_path, 1, 2, needs, make_key_pair(tmp_path) if needs.tls else None)
    peer.write_config(site)
    binary, *arguments = CHECKS[peer.name]
    command = [must_find(binary), *(argument.format(folder=tmp_path) for argument in arguments)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_json_configs_have_a_route_each(tmp_path: Path) -> None:
    site = Site(tmp_path, 1, 2, Needs(routes=10))
    for peer in PEERS:
        peer.write_config(site)
    assert len(json.loads((tmp_path / "moongate.yaml").read_text())["routes"]) == 10
    assert len(json.loads((tmp_path / "dynamic.yml").read_text())["http"]["routers"]) == 10
    assert len({*site.prefixes()}) == 10


def test_a_wheel_is_measured_unless_the_sources_are_newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site, compiled, source = Site(tmp_path, 1, 2, Needs()), tmp_path / "compiled", tmp_path / "it.py"
    monkeypatch.setattr("benchmarks.peers.moongate._COMPILED", compiled)
    monkeypatch.setattr("benchmarks.peers.moongate._SOURCES", tmp_path)
    source.touch()
    wheel = ["env", f"PYTHONPATH={compiled}"]
    assert (Moongate().command(site)[:2] == wheel, Interpreted().is_available()) == (False, False)
    compiled.mkdir()
    (compiled / ".ready").touch()
    os.utime(source, (1, 1))
    assert (Moongate().command(site)[:2] == wheel, Interpreted().is_available()) == (True, True)
    assert Interpreted().command(site)[:2] != wheel
    os.utime(compiled / ".ready", (0, 0))
    assert (Moongate().command(site)[:2] == wheel, Interpreted().is_available()) == (False, False)
