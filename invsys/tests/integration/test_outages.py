"""A full disk and a database that is gone: 503, nothing half-written, and all is well again without a restart."""

import resource
from pathlib import Path

import httpx
import pytest
from sqlalchemy import NullPool, create_engine, make_url

from invsys_harness import ServedInvsys
from servicekit.testing.careful import careful_http
from servicekit.testing.databases import Databases


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(descendant for child in children for descendant in family(int(child)))]


def let_files_grow_to(pids: list[int], size: int) -> None:
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits of another process are Linux's")
def test_a_disk_that_is_full() -> None:
    """A limit on the size of files stands in for the disk: SQLite is refused its next page either way."""
    with ServedInvsys() as served, careful_http(served.base_url) as http:
        assert http.post("/api/cars", json={"name": "before"}).status_code == 201
        files = [served.directory / "invsys.db", served.directory / "invsys.db-wal"]
        pids = family(served.pid)
        let_files_grow_to(pids, max(file.stat().st_size for file in files))
        filler = {"text": "x" * 10_000}
        statuses = []
        for number in range(40):
            answer = http.post("/api/cars", json={"name": f"car {number}", "attributes": filler})
            statuses.append(answer.status_code)
        assert set(statuses) <= {201, 503}
        assert statuses[-1] == 503
        assert answer.json()["code"] == "database_unavailable"
        assert http.get("/api/cars").status_code == 200
        let_files_grow_to(pids, resource.RLIM_INFINITY)
        assert http.post("/api/cars", json={"name": "after", "attributes": filler}).status_code == 201
        assert len(http.get("/api/cars?limit=500").json()["items"]) == statuses.count(201) + 2
        assert served.command("verify").stdout == "no violation\n"


def test_a_database_that_is_gone_and_comes_back(databases: Databases) -> None:
    url = databases.migrated("postgresql")
    name = make_url(url).database
    server = create_engine(
        make_url(url).set(drivername="postgresql+psycopg", database="postgres"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    with ServedInvsys(url) as served, careful_http(served.base_url) as http, server.connect() as admin:
        assert http.post("/api/cars", json={"name": "before"}).status_code == 201
        admin.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        admin.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        for answer in (http.post("/api/cars", json={"name": "during"}), http.get("/api/cars"), http.get("/api/events")):
            assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
            assert answer.headers["Retry-After"] == "1"
            assert "postgres" not in answer.text
        assert http.get("/readyz").status_code == 503
        assert http.get("/healthz").status_code == 200
        admin.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert http.get("/readyz").status_code == 200
        assert http.post("/api/cars", json={"name": "after"}).status_code == 201
        assert [item["name"] for item in http.get("/api/cars").json()["items"]] == ["before", "after"]
    server.dispose()


def test_a_connection_that_dies_is_not_the_callers_trouble(databases: Databases) -> None:
    url = databases.migrated("postgresql")
    server = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with ServedInvsys(url) as served, server.connect() as admin:
        assert httpx.get(f"{served.base_url}/api/cars").status_code == 200
        admin.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        admin.commit()
        assert httpx.get(f"{served.base_url}/api/cars").status_code == 200
    server.dispose()
