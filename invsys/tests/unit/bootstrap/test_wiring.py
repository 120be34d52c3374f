"""The wiring."""

import pytest

from invsys.bootstrap.settings import Settings
from invsys.bootstrap.wiring import build_services
from invsys.domain.errors import InvalidValueError
from invsys_harness.databases import Databases


def test_services_of_two_databases_live_side_by_side(databases: Databases) -> None:
    one, other = (build_services(Settings(database_url=databases.empty("sqlite"))) for _ in range(2))
    one.migrate()
    assert one.schema_problem() is None
    assert other.schema_problem() is not None
    one.close()
    other.close()


def test_a_bad_url_is_refused_before_anything_starts() -> None:
    with pytest.raises(InvalidValueError):
        build_services(Settings(database_url="oracle://x"))
