from __future__ import annotations

import pytest

from benchmarks.model import UsageError
from benchmarks.peers.registry import PEERS
from benchmarks.scenarios.registry import DEFAULT, SCENARIOS, choose


def test_default_all_and_by_name() -> None:
    assert [scenario.name for scenario in choose([])] == list(DEFAULT)
    assert choose(["all"]) == list(SCENARIOS)
    assert [scenario.name for scenario in choose(["plain,plain", "plain"])] == ["plain"]


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="no such scenario: plane; there are: plain"):
        choose(["plane"])


def test_names_are_unique_and_bars_name_what_exists() -> None:
    names = [scenario.name for scenario in SCENARIOS]
    peers = {peer.name for peer in PEERS}
    assert len(set(names)) == len(names)
    for scenario in SCENARIOS:
        assert scenario.without <= peers
        for bar in scenario.bars:
            assert bar.against is None or bar.against in peers
            assert bar.scenario is None or bar.scenario in names
