"""Resources and their allocations.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "resources",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created_us", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("lock_seq", sa.BigInteger, nullable=False),
    )
    present = sa.text("status <> 'decommissioned'")
    op.create_index(
        "resources_name", "resources", ["kind", "name"], unique=True, sqlite_where=present, postgresql_where=present
    )
    op.create_index("resources_kind", "resources", ["kind", "id"])
    op.create_table(
        "allocations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("resource_id", sa.Text, sa.ForeignKey("resources.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("start_us", sa.BigInteger, nullable=False),
        sa.Column("end_us", sa.BigInteger, nullable=False),
        sa.Column("allocation_type", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("dump", sa.Text, nullable=False),
        sa.Column("created_us", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("start_us < end_us", name="allocations_interval"),
    )
    live = sa.text("status = 'confirmed'")
    op.create_index(
        "allocations_live_start",
        "allocations",
        ["resource_id", "start_us"],
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_index("allocations_resource", "allocations", ["resource_id", "id"])
