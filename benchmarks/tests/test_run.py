from __future__ import annotations

from dataclasses import replace

from benchmarks.machine import Cores
from benchmarks.model import Needs
from benchmarks.peers.registry import PEERS
from benchmarks.run import Plan
from benchmarks.scenarios.plain import PLAIN
from benchmarks.stand import Window


def plan() -> Plan:
    many = replace(PLAIN, name="many", needs=Needs(routes=10), without=frozenset({"Caddy"}))
    return Plan([PLAIN, many], PEERS, rounds=3, window=Window(1, 1), cores=Cores(0, 1, 1))


def test_each_round_has_every_window_once() -> None:
    windows = [(scenario.name, peer.name) for scenario, peer in plan().order(1)]
    assert len(windows) == len(set(windows))
    assert {peer for name, peer in windows if name == "plain"} == {peer.name for peer in PEERS}
    # left out by the scenario, and unable to play it
    assert {peer.name for peer in PEERS} - {peer for name, peer in windows if name == "many"} == {
        "Caddy",
        "Flask + requests",
    }


def test_rounds_differ_and_are_the_same_again() -> None:
    names = [[(scenario.name, peer.name) for scenario, peer in plan().order(number)] for number in (1, 2, 1)]
    assert names[0] != names[1]
    assert names[0] == names[2]
