"""Fixtures of every test of accounts. What touches a database runs on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from accounts.bootstrap.settings import Settings
from accounts.bootstrap.wiring import Services, build_services
from accounts.service.bootstrapping import Beginning, bootstrap
from accounts.web.app import create_app
from accounts_harness.making import SOMEBODY
from servicekit.testing.careful import careful_client
from servicekit.testing.databases import ENGINES, Databases


def migrate(url: str) -> None:
    services = build_services(Settings(database_url=url))
    services.migrate()
    services.close()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Databases:
    return Databases(tmp_path_factory.mktemp("accounts-db"), postgres_url, "accounts", migrate)


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(engine_name: str, databases: Databases) -> str:
    """A fresh migrated database."""
    return databases.migrated(engine_name)


@pytest.fixture
def bare(database_url: str, tmp_path: Path) -> Iterator[Services]:
    """Services on a database that nobody bootstrapped."""
    services = build_services(Settings(database_url=database_url, pepper_file=str(tmp_path / "peppers"), threads=4))
    yield services
    services.close()


@pytest.fixture
def beginning(bare: Services) -> Beginning:
    """What bootstrap made."""
    return bootstrap(bare.store, bare.peppers, bare.clock(), SOMEBODY)


@pytest.fixture
def services(bare: Services, beginning: Beginning) -> Services:
    """Services on a database that was bootstrapped."""
    assert beginning.admin_token
    return bare


@pytest.fixture
def client(services: Services, beginning: Beginning) -> FlaskClient:
    """Requests of an admin without a socket; careful as `servicekit.testing.careful` is."""
    client = careful_client(create_app(services))
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {beginning.admin_token}"
    return client


@pytest.fixture
def gateway(services: Services, beginning: Beginning) -> FlaskClient:
    """Requests of a gateway without a socket."""
    client = create_app(services).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {beginning.gateway_token}"
    return client
