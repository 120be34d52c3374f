"""`accounts verify`, on both engines."""

from sqlalchemy import text

from accounts.bootstrap.wiring import Services
from accounts.cli.main import main
from accounts_harness.commands import Run, RunJson
from accounts_harness.making import make_client
from servicekit.storage.engine import WRITES, build_engine


def test_violations_are_named(services: Services, run: Run, run_json: RunJson, database_url: str) -> None:
    make_client(services)
    assert run("verify") == "no violation\n"
    assert run_json("verify") == []
    engine = build_engine(database_url, 1, "accounts").execution_options(**{WRITES: True})
    with engine.begin() as connection:
        connection.execute(text("UPDATE clients SET name = 'Other'"))
    engine.dispose()
    assert main(["verify"]) == 1
