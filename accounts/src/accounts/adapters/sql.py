"""What several rows' classes need."""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

LAST_CHARACTER = "\U0010ffff"
"""After every other: the end of the range of texts that have a prefix."""


def unless_taken(connection: Connection, statement: Any) -> bool:
    """Run a statement that a unique index may refuse; False, and nothing is changed, when it did.

    The index decides, inside a savepoint so that the refusal leaves the transaction usable.
    """
    try:
        with connection.begin_nested():
            connection.execute(statement)
    except IntegrityError:
        return False
    return True
