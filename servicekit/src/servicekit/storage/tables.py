"""Tables that every service has. A service adds them to its metadata; its own migrations make them."""

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, MetaData, Table, Text, select


def answers_table(metadata: MetaData) -> Table:
    """`answers`: what requests under idempotency keys were answered."""
    return Table(
        "answers",
        metadata,
        Column("key", Text, primary_key=True),
        Column("fingerprint", Text, nullable=False),
        Column("status", Integer, nullable=False),
        Column("headers", Text, nullable=False),
        Column("body", Text, nullable=False),
        Column("created_us", BigInteger, nullable=False),
        Index("answers_created", "created_us"),
    )


def secrets_table(metadata: MetaData) -> Table:
    """`secrets`: random values that all processes on the database share, in hexadecimal; `cursor` signs cursors."""
    return Table(
        "secrets",
        metadata,
        Column("name", Text, primary_key=True),
        Column("value", Text, nullable=False),
    )


def feed_table(metadata: MetaData) -> Table:
    """`feed`, of one row: the number of the last change. Every transaction that changes something takes it last."""
    return Table("feed", metadata, Column("last_seq", BigInteger, primary_key=True, autoincrement=False))


def read_secret(connection: Connection, secrets: Table, name: str) -> bytes:
    """A random value that every process on this database shares; a migration has put it there."""
    value: str = connection.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar_one()
    return bytes.fromhex(value)
