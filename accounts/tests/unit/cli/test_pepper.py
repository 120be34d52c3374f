"""`accounts pepper`, on both engines."""

from accounts.bootstrap.wiring import Services
from accounts.service import admins, gateways
from accounts.service.admins import TokenDraft
from accounts_harness.commands import Run, RunJson
from accounts_harness.making import make_client, make_key


def test_a_pepper_is_rotated_and_the_old_one_retired_when_nothing_needs_it(
    services: Services, run: Run, run_json: RunJson
) -> None:
    make_key(services, make_client(services))
    assert run_json("pepper", "rotate")["version"] == 2
    rows = run_json("pepper", "list")
    assert [(row["version"], row["is_current"], row["live_keys"]) for row in rows] == [(1, False, 1), (2, True, 0)]
    assert "1 live keys" in run("pepper", "retire", "1", status=1)
    key = run_json("key", "list", "Acme")[0]["id"]
    run("key", "rotate", "Acme", key, "--overlap", "0")
    assert "a gateway, an admin token" in run("pepper", "retire", "1", status=1)

    def work(tx: object) -> None:
        admin = tx.admins.all()[0]  # type: ignore[attr-defined]
        for token in tx.admins.tokens_of(admin.id):  # type: ignore[attr-defined]
            admins.remove_token(tx, admin.id, token.id)  # type: ignore[arg-type]
        pepper, now = services.peppers.current(), services.clock()
        admins.create_token(tx, admin.id, TokenDraft("new"), pepper, now)  # type: ignore[arg-type]
        gateways.remove(tx, tx.gateways.all()[0].id)  # type: ignore[arg-type, attr-defined]

    services.store.write(work)
    assert run_json("pepper", "retire", "1") == {"retired": 1}
    assert [row["version"] for row in run_json("pepper", "list")] == [2]
    assert list(services.verify()) == []
