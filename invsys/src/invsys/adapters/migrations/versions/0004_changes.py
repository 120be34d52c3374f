"""The history of changes, append-only, numbered in the order of commits.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("resource_id", sa.Text, nullable=False),
        sa.Column("allocation_id", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
    )
    op.create_index("changes_resource", "changes", ["resource_id", "seq"])
    feed = op.create_table("feed", sa.Column("last_seq", sa.BigInteger, primary_key=True, autoincrement=False))
    op.bulk_insert(feed, [{"last_seq": 0}])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION changes_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE integrity_constraint_violation USING MESSAGE = 'history is append-only'; END $$
        """)
        op.execute("""
            CREATE TRIGGER changes_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON changes
            FOR EACH STATEMENT EXECUTE FUNCTION changes_are_final()
        """)
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(f"""
            CREATE TRIGGER changes_are_final_{event.lower()} BEFORE {event} ON changes
            BEGIN SELECT RAISE(ABORT, 'history is append-only'); END
        """)
