"""Sound files."""

from pathlib import Path

from sqlalchemy import text

from servicekit.storage.engine import build_engine
from servicekit.storage.soundness import check_file


def test_a_reference_to_nothing_and_a_damaged_file_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    engine = build_engine(f"sqlite:///{path}", 1, "notes")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE parents (id TEXT PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE children (id TEXT, parent TEXT REFERENCES parents (id))"))
        assert list(check_file(connection)) == []
        connection.connection.driver_connection.execute("COMMIT")  # type: ignore[union-attr]
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
        connection.connection.driver_connection.execute("BEGIN")  # type: ignore[union-attr]
        connection.execute(text("INSERT INTO children VALUES ('a', 'nobody')"))
        assert [one.rule for one in check_file(connection)] == ["no_dangling_reference"]
    engine.dispose()


def test_postgres_is_trusted_to_prove_its_own(database_url: str) -> None:
    engine = build_engine(database_url, 1, "notes")
    with engine.connect() as connection:
        assert list(check_file(connection)) == []
    engine.dispose()
