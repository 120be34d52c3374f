"""Health."""

from invsys.bootstrap.settings import Settings
from invsys.bootstrap.wiring import build_services
from invsys.web.app import create_app
from invsys_harness.databases import Databases


def test_ready_only_with_a_database_that_has_the_schema(engine_name: str, databases: Databases) -> None:
    services = build_services(Settings(database_url=databases.empty(engine_name)))
    client = create_app(services).test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "invsys migrate" in answer.json["status"]
    services.migrate()
    assert client.get("/readyz").status_code == 200
    services.close()


def test_alive_but_not_ready_without_a_database() -> None:
    client = create_app(build_services(Settings(database_url="postgresql://127.0.0.1:1/none"))).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
