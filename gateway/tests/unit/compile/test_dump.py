"""The dump is plain JSON; its shape is held by the golden files."""

from __future__ import annotations

import json

from moongate.compile.compiler import compile_config
from moongate.compile.dump import dump_snapshot
from moongate.config import for_target


def test_a_snapshot_goes_through_json_unchanged() -> None:
    dumped = dump_snapshot(compile_config(for_target("http://127.0.0.1:8000"), 3))
    assert json.loads(json.dumps(dumped)) == dumped
    assert dumped["generation"] == 3
    assert dumped["routes"][0]["methods"] is None
