"""Texts in order, prefixes, and names that are taken once: the same on both engines."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Text
from sqlalchemy.exc import IntegrityError

SortedText = Text().with_variant(Text(collation="C"), "postgresql")
"""Ordered byte by byte on both engines, whatever the database's locale: pages and prefixes rely on it."""

LAST_CHARACTER = "\U0010ffff"
"""After every other: where the range of texts with a prefix ends."""


def unless_taken(connection: Connection, statement: Any, rows: Sequence[dict[str, Any]] | None = None) -> bool:
    """Run a statement that a unique index may refuse; False, and nothing is changed, when it did.

    The index decides, inside a savepoint so that the refusal leaves the transaction usable.
    """
    try:
        with connection.begin_nested():
            connection.execute(statement, rows)
    except IntegrityError:
        return False
    return True
