"""Messages that golden files cannot reach, and the models behind a place in the config."""

from __future__ import annotations

import pytest

from moongate.config.model import Config, MatchConfig, RouteConfig, TargetConfig
from moongate.config.wording import filter_meant, listed, model_at


@pytest.mark.parametrize(
    ("loc", "model"),
    [
        ((), Config),
        (("routes", 3), RouteConfig),
        (("routes", 3, "match"), MatchConfig),
        (("services", "routes", "targets", 0), TargetConfig),
    ],
)
def test_model_at(loc: tuple[str | int, ...], model: type) -> None:
    assert model_at(loc) is model


def test_listed() -> None:
    assert listed(["a"]) == "`a`"
    assert listed(["a", "b", "c"]) == "`a`, `b` and `c`"


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("auth-request", "here it is called 'forward_auth'"),
        ("ipAllowList", "addresses are not looked at"),
        ("basicAuth", "how clients are known is said to `authenticate`, as in {authenticate: [{basic: "),
        ("websocket", ""),
        ("whatever", ""),
    ],
)
def test_words_of_other_gateways_for_filters(word: str, meant: str) -> None:
    told = filter_meant(word, ("authenticate", "forward_auth"))
    assert told.startswith(meant)
    assert bool(told) == bool(meant)
