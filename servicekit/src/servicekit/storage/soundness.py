"""What can be wrong with stored data whatever they mean: a damaged file, a reference to nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that the data break. `rule` names it, `subject` is an id or a number."""

    rule: str
    subject: str
    detail: str


def check_file(connection: Connection) -> Iterator[Violation]:
    """Reads a whole SQLite file; PostgreSQL proves its own."""
    if connection.dialect.name != "sqlite":
        return
    for (said,) in connection.exec_driver_sql("PRAGMA integrity_check(20)"):
        if said != "ok":
            yield Violation("sound_file", "database", said)
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield Violation("no_dangling_reference", str(row[0]), f"row {row[1]} refers to nothing in {row[2]}")
