"""The schema accepts what the reader accepts, and tells typing mistakes while they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from gateway_harness.golden import split_golden
from moongate.cli.init import STARTER
from moongate.config.schema import config_schema

GOLDEN = Path(__file__).parents[2] / "golden"
ROOT = Path(__file__).parents[4]
EXAMPLES = [
    path
    for folder in ("examples", "deploy", "docs/examples")
    for path in sorted((ROOT / folder).glob("*.yaml"))
    if path.name not in ("compose.yaml", "mistakes.yaml") and not path.name.endswith("_test.yaml")
]
SCHEMA = Draft202012Validator(config_schema())
# What YAML 1.1 makes numbers and booleans of, Moongate takes as written; a schema sees only what YAML made of it.
MANGLED = {"names-that-yaml-mangles", "quoted-numbers"}
RIGHT = [path for path in sorted((GOLDEN / "right").glob("*.yaml")) if path.stem not in MANGLED]
TOLD = [
    "unknown-key-top", "unknown-key-in-match", "unknown-key-in-service", "version-2", "durations", "target-empty",
    "listeners-mapping", "header-list", "hosts-empty", "target-weight", "no-version",
]  # fmt: skip


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(config_schema())


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_right_configs_are_valid(path: Path) -> None:
    config, _ = split_golden(path)
    assert [error.message for error in SCHEMA.iter_errors(yaml.safe_load(config))] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name + "/" + path.name)
def test_examples_are_valid(path: Path) -> None:
    assert [error.message for error in SCHEMA.iter_errors(yaml.safe_load(path.read_text()))] == []


def test_what_init_writes_is_valid() -> None:
    assert [error.message for error in SCHEMA.iter_errors(yaml.safe_load(STARTER))] == []


@pytest.mark.parametrize("name", TOLD)
def test_wrong_configs_are_not(name: str) -> None:
    config, _ = split_golden(GOLDEN / "wrong" / f"{name}.yaml")
    assert not SCHEMA.is_valid(yaml.safe_load(config))


def test_values_from_outside_are_valid() -> None:
    config = {
        "version": 1,
        "access_log": "${LOG}",
        "defaults": {"max_body": "${SIZE}", "timeouts": {"connect": "${CONNECT:-3s}"}},
        "limits": {"connections": "${CONNECTIONS}"},
        "services": {"a": {"targets": ["${URL}", {"url": "${URL}", "weight": "${WEIGHT}"}], "tls": {"verify": "${V}"}}},
        "routes": [{"name": "a", "match": {}, "service": "a", "priority": "${PRIORITY}", "upgrade": "${UPGRADE}"}],
    }
    assert [error.message for error in SCHEMA.iter_errors(config)] == []
    assert not SCHEMA.is_valid({**config, "limits": {"connections": "many"}})


def test_defaults_are_shown_as_written() -> None:
    definitions = config_schema()["$defs"]
    assert definitions["TimeoutsConfig"]["properties"]["connect"]["default"] == "3s"
    assert definitions["RouteConfig"]["properties"]["max_body"]["default"] == "10MiB"
