"""The application."""

import pytest

from invsys.web.app import from_environment
from servicekit.testing.databases import Databases


def test_it_is_built_from_the_environment(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVSYS_DATABASE_URL", databases.migrated("sqlite"))
    assert from_environment().test_client().get("/readyz").status_code == 200
