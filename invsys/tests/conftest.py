"""Fixtures of every test of invsys. What touches a database runs on both engines."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from invsys.bootstrap.settings import Settings
from invsys.bootstrap.wiring import Services, build_services
from invsys.web.app import create_app
from invsys_harness import ServedInvsys
from invsys_harness.served import migrate
from servicekit.testing.careful import careful_client
from servicekit.testing.databases import ENGINES, Databases


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Databases:
    return Databases(tmp_path_factory.mktemp("invsys"), postgres_url, "invsys", migrate)


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(engine_name: str, databases: Databases) -> str:
    """A fresh migrated database."""
    return databases.migrated(engine_name)


@pytest.fixture
def services(database_url: str) -> Iterator[Services]:
    services = build_services(Settings(database_url=database_url, threads=4))
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    """Requests without a socket, for what does not depend on one; careful as `servicekit.testing.careful` is."""
    return careful_client(create_app(services))


@pytest.fixture
def served(database_url: str) -> Iterator[ServedInvsys]:
    with ServedInvsys(database_url) as served:
        yield served
