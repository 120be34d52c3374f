"""The wiring."""

import pytest

from accounts.bootstrap.settings import Settings
from accounts.bootstrap.wiring import build_services
from servicekit.core.errors import SettingError
from servicekit.testing.databases import Databases


def test_services_of_two_databases_live_side_by_side(databases: Databases) -> None:
    one, other = (build_services(Settings(database_url=databases.empty("sqlite"))) for _ in range(2))
    one.migrate()
    assert one.schema_problem() is None
    assert other.schema_problem() is not None
    one.close()
    other.close()


def test_a_bad_url_is_refused_before_anything_starts() -> None:
    with pytest.raises(SettingError):
        build_services(Settings(database_url="oracle://x"))
