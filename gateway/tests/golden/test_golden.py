"""Every wrong config says exactly what is wrong with it; every right one compiles to exactly this snapshot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway_harness.golden import assert_golden, split_golden
from moongate.compile.compiler import JUDGES, compile_config
from moongate.compile.dump import dump_snapshot
from moongate.config import ConfigInvalid, parse

HERE = Path(__file__).parent
WRONG = sorted((HERE / "wrong").iterdir())
RIGHT = sorted((HERE / "right").iterdir())


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_wrong(path: Path) -> None:
    config, _ = split_golden(path)
    with pytest.raises(ConfigInvalid) as raised:
        compile_config(parse(config, f"gateway{path.suffix}", JUDGES), 1)
    assert_golden(path, "".join(f"{problem}\n" for problem in raised.value.problems))


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_right(path: Path) -> None:
    config, _ = split_golden(path)
    snapshot = compile_config(parse(config, f"gateway{path.suffix}", JUDGES), 1)
    assert_golden(path, json.dumps(dump_snapshot(snapshot), indent=1, ensure_ascii=False) + "\n")


def test_there_are_enough_of_them() -> None:
    assert len(WRONG) >= 60
    assert len(RIGHT) >= 20
