"""A database that is gone: 503, and all is well again without a restart; what was told to gateways stays true."""

from sqlalchemy import NullPool, create_engine, make_url

from accounts_harness.served import ServedAccounts
from servicekit.testing.databases import Databases


def test_a_database_that_is_gone_and_comes_back(databases: Databases) -> None:
    url = databases.migrated("postgresql")
    name = make_url(url).database
    server = create_engine(
        make_url(url).set(drivername="postgresql+psycopg", database="postgres"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    with ServedAccounts(url) as served, served.admin() as admin, served.gateway() as gateway, server.connect() as sql:
        assert admin.post("/v1/clients", json={"name": "before"}).status_code == 201
        state = gateway.get("/internal/v1/snapshot").headers["ETag"].strip('"').split(".")
        asked = {"epoch": state[0], "after": state[1], "wait": 1}
        sql.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        sql.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        for answer in (
            admin.post("/v1/clients", json={"name": "during"}),
            admin.get("/v1/clients"),
            gateway.get("/internal/v1/snapshot"),
            gateway.get("/internal/v1/changes", params=asked),
        ):
            assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
            assert answer.headers["Retry-After"] == "1"
            assert "postgres" not in answer.text
        sql.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert admin.post("/v1/clients", json={"name": "after"}).status_code == 201
        changes = gateway.get("/internal/v1/changes", params=asked).json()["changes"]
        assert [change["record"]["name"] for change in changes] == ["after"]
    server.dispose()
