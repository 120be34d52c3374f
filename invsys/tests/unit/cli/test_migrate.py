"""`invsys migrate`."""

import pytest

from invsys.cli.main import main
from servicekit.testing.databases import Databases


def test_it_may_run_again(engine_name: str, databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVSYS_DATABASE_URL", databases.empty(engine_name))
    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0
