"""`invsys verify`."""

import pytest
from sqlalchemy import text

from invsys.cli.main import main
from servicekit.storage.engine import build_engine


def test_the_status_tells_whether_all_is_well(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INVSYS_DATABASE_URL", database_url)
    assert main(["seed", "--resources", "3", "--allocations", "5"]) == 0
    assert main(["verify"]) == 0
    assert capsys.readouterr().out.endswith("no violation\n")
    engine = build_engine(database_url, 1, "invsys")
    with engine.begin() as connection:
        connection.execute(text("UPDATE feed SET last_seq = last_seq + 1"))
    engine.dispose()
    assert main(["verify"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "history_without_gap feed: 8 changes from 1 to 8, the feed says 9",
        "1 violations",
    ]
