"""The dump is plain JSON; its shape is held by the golden files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from moongate.compile.compiler import JUDGES, compile_config
from moongate.compile.dump import dump_snapshot
from moongate.config import Environment, for_target, parse

if TYPE_CHECKING:
    from moongate.compile import Snapshot


def test_a_snapshot_goes_through_json_unchanged() -> None:
    dumped = dump_snapshot(compile_config(for_target("http://127.0.0.1:8000"), 3))
    assert json.loads(json.dumps(dumped)) == dumped
    assert dumped["generation"] == 3
    assert dumped["routes"][0]["methods"] is None


@pytest.mark.parametrize(
    "filters",
    [
        "{request_headers: {set: {X-Key: '${KEY}'}}}",
        "{python: {filter: 'builtins:dict', with: {key: '${KEY}'}}}",
        "{authenticate: [{basic: {users: 'ada:${KEY}'}}]}",
    ],
)
def test_another_secret_is_another_config_and_stands_in_no_dump(filters: str) -> None:
    route = f"{{name: r, match: {{path: /a}}, service: a, filters: [{filters}]}}"
    text = f"{{version: 1, services: {{a: {{targets: [http://a]}}}}, routes: [{route}]}}"

    def compiled(key: str) -> Snapshot:
        return compile_config(parse(text, "gateway.yaml", JUDGES, Environment({"KEY": key}.get, lambda *_: "")), 1)

    one, other = (f"$2b$04${letter * 53}" for letter in "ab")
    assert compiled(one).digest == compiled(one).digest != compiled(other).digest
    assert one not in json.dumps(dump_snapshot(compiled(one)))
