"""Text in, config or all problems out."""

from __future__ import annotations

import time

import pytest

from moongate.config import ConfigInvalid, for_target, parse
from moongate.config.model import PATH_JUDGE

BASE = "version: 1\nservices: {api: {targets: [http://a]}}\n"


def problems_of(text: str, **judges: object) -> list[str]:
    with pytest.raises(ConfigInvalid) as raised:
        parse(text, "f.yaml", judges)  # type: ignore[arg-type]
    return [str(problem) for problem in raised.value.problems]


def test_flaws_of_text_model_and_references_are_told_together() -> None:
    text = (
        BASE
        + "routes:\n- {name: a, name: b, match: {}, service: apo, max_bodi: 1}\n- {name: b, match: {}, service: api}\n"
    )
    assert problems_of(text) == [
        "f.yaml:4:13: `name` stands twice here, first in line 4",
        "f.yaml:4:42: no service is called 'apo'; did you mean 'api'?",
        "f.yaml:4:47: unknown key `max_bodi`, did you mean `max_body`?",
    ]


def test_a_judge_speaks_up_with_everybody_else() -> None:
    def judge(path: str) -> None:
        raise ValueError(f"{path} displeases")

    text = BASE + "routes: [{name: a, match: {path: /x}, service: b}]"
    assert problems_of(text, **{PATH_JUDGE: judge}) == [
        "f.yaml:3:34: /x displeases",
        "f.yaml:3:48: no service is called 'b'; known are 'api'",
    ]


def test_for_target_takes_everything_to_one_place() -> None:
    config = for_target("http://127.0.0.1:8000", "127.0.0.1:0")
    assert [route.match.path for route in config.routes] == ["/**"]
    assert config.services["target"].targets[0].url == "http://127.0.0.1:8000"
    assert config.listeners[0].bind == "127.0.0.1:0"


def test_for_target_blames_the_option() -> None:
    with pytest.raises(ConfigInvalid) as raised:
        for_target("127.0.0.1:8000", "8080")
    assert [str(problem) for problem in raised.value.problems] == [
        "--bind: '8080' names no address: write 0.0.0.0:8080 or 127.0.0.1:8080",
        "--to: '127.0.0.1:8000' has no scheme: write 'http://127.0.0.1:8000'",
    ]


def test_ten_thousand_wrong_routes_are_told_in_seconds() -> None:
    routes = "".join(f"- {{name: r{number}, match: {{path: /{number}}}, servce: api}}\n" for number in range(10_000))
    started = time.process_time()
    assert len(problems_of(BASE + "routes:\n" + routes)) == 20_000
    assert time.process_time() - started < 10
