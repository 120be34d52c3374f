"""`accounts audit`, on both engines."""

from sqlalchemy import text

from accounts.bootstrap.wiring import Services
from accounts_harness.commands import Run, RunJson
from accounts_harness.making import make_client
from servicekit.storage.engine import WRITES, build_engine


def test_the_chain_is_proven_and_an_anchor_met(services: Services, run: Run, run_json: RunJson) -> None:
    client = make_client(services)
    said = run("audit", "verify")
    assert "unbroken; anchor " in said
    anchor = said.split()[-1]
    run("client", "suspend", "Acme")
    assert run("audit", "verify", "--anchor", anchor)
    assert [entry["type"] for entry in run_json("audit", "list", "--subject", client.id)] == [
        "client.changed",
        "client.created",
    ]
    assert "client.changed" in run("audit", "list", "--limit", "1")
    assert "client.changed" in run("audit", "list", "--limit", "9" * 30)
    for wrong in ("5", "1:x"):
        assert "--anchor must be" in run("audit", "verify", "--anchor", wrong, status=1)
    assert run_json("audit", "verify")["problems"] == []


def test_whoever_drops_the_triggers_is_found_out(services: Services, database_url: str, run: Run) -> None:
    make_client(services)
    anchor = run("audit", "verify").split()[-1]
    engine = build_engine(database_url, 1, "accounts").execution_options(**{WRITES: True})

    def tamper(*statements: str) -> None:
        drops = (
            ["DROP TRIGGER audit_is_final ON audit"]
            if engine.dialect.name == "postgresql"
            else ["DROP TRIGGER IF EXISTS audit_is_final_update", "DROP TRIGGER IF EXISTS audit_is_final_delete"]
        )
        with engine.begin() as connection:
            for statement in (*drops, *statements):
                connection.execute(text(statement))

    tamper(
        "DELETE FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)", "UPDATE audit_numbers SET last_seq = last_seq - 1"
    )
    engine.dispose()
    # Cut off at the end, with the counter adjusted: only the anchor tells.
    assert run("audit", "verify")
    from accounts.cli.main import main

    assert main(["audit", "verify", "--anchor", anchor]) == 1
