"""`moongate schema` prints the schema that the config room makes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from moongate.cli.main import main
from moongate.config.schema import config_schema

if TYPE_CHECKING:
    import pytest


def test_it_is_printed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == config_schema()
