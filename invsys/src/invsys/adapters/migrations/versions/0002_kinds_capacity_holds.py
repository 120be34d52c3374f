"""Kinds as data; status, capacity, attributes and labels of resources; quantity and holds; occupancy.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

PRESENT = sa.text("status <> 'decommissioned'")
LIVE = sa.text("status IN ('held', 'confirmed')")
HELD = sa.text("status = 'held'")


def upgrade() -> None:
    _kinds()
    _resources()
    _allocations()
    _occupancy()
    if op.get_bind().dialect.name == "postgresql":
        _postgresql_constraints()
    else:
        _sqlite_constraints()


def _index(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _kinds() -> None:
    kinds = op.create_table(
        "kinds",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("plural", sa.Text, nullable=False, unique=True),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("slot_us", sa.BigInteger),
        sa.Column("anchor_us", sa.BigInteger, nullable=False),
        sa.Column("attributes_schema", sa.Text),
    )
    shipped = (("car", "cars"), ("lorry", "lorries"), ("truck", "trucks"))
    op.bulk_insert(
        kinds, [{"code": code, "plural": plural, "mode": "continuous", "anchor_us": 0} for code, plural in shipped]
    )


def _resources() -> None:
    op.drop_index("resources_kind", "resources")
    op.drop_index("resources_name", "resources")
    with op.batch_alter_table("resources") as table:
        table.add_column(sa.Column("capacity", sa.Integer, nullable=False, server_default="1"))
        table.add_column(sa.Column("attributes", sa.Text, nullable=False, server_default="{}"))
        table.add_column(sa.Column("labels", sa.Text, nullable=False, server_default="{}"))
        table.create_foreign_key("resources_kind", "kinds", ["kind"], ["code"])
        table.create_check_constraint("resources_capacity", "capacity > 0")
        if op.get_bind().dialect.name == "postgresql":
            table.alter_column("name", type_=sa.Text(collation="C"))
    op.create_index(
        "resources_name", "resources", ["kind", "name"], unique=True, sqlite_where=PRESENT, postgresql_where=PRESENT
    )
    _index("resources_present", "resources", ["kind", "id"], PRESENT)
    op.create_index("resources_status", "resources", ["kind", "status", "id"])
    op.create_index("resources_status_name", "resources", ["kind", "status", "name", "id"])
    op.create_table(
        "facets",
        sa.Column("resource_id", sa.Text, sa.ForeignKey("resources.id"), primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_index("facets_search", "facets", ["source", "key", "value", "resource_id"])


def _allocations() -> None:
    op.drop_index("allocations_live_start", "allocations")
    # SQLite makes the table anew, and reflection does not see checks: the one of 0001 is named again.
    interval = sa.CheckConstraint("start_us < end_us", name="allocations_interval")
    with op.batch_alter_table("allocations", table_args=(interval,)) as table:
        table.add_column(sa.Column("quantity", sa.Integer, nullable=False, server_default="1"))
        table.add_column(sa.Column("exclusive", sa.Boolean, nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("hold_expires_us", sa.BigInteger))
        table.create_check_constraint("allocations_quantity", "quantity > 0")
    _index("allocations_live_id", "allocations", ["resource_id", "id"], LIVE)
    _index("allocations_live_start", "allocations", ["resource_id", "start_us", "id"], LIVE)
    _index("allocations_live_end", "allocations", ["resource_id", "end_us"], LIVE)
    _index("allocations_due", "allocations", ["hold_expires_us"], HELD)
    _index("allocations_held", "allocations", ["resource_id", "hold_expires_us"], HELD)


def _occupancy() -> None:
    op.create_table(
        "occupancy",
        sa.Column("resource_id", sa.Text, sa.ForeignKey("resources.id"), primary_key=True),
        sa.Column("at_us", sa.BigInteger, primary_key=True),
        sa.Column("level", sa.BigInteger, nullable=False),
        sa.CheckConstraint("level >= 0", name="occupancy_level"),
    )
    # Until now each resource took one allocation at a time: its live ones are the steps up, their ends the steps
    # down, except where the next one begins at once.
    op.execute("""
        INSERT INTO occupancy (resource_id, at_us, level)
        SELECT resource_id, start_us, 1 FROM allocations a WHERE status = 'confirmed' AND NOT EXISTS (
            SELECT 1 FROM allocations b
            WHERE b.resource_id = a.resource_id AND b.status = 'confirmed' AND b.end_us = a.start_us)
    """)
    op.execute("""
        INSERT INTO occupancy (resource_id, at_us, level)
        SELECT resource_id, end_us, 0 FROM allocations a
        WHERE status = 'confirmed' AND end_us < 4611686018427387904 AND NOT EXISTS (
            SELECT 1 FROM allocations b
            WHERE b.resource_id = a.resource_id AND b.status = 'confirmed' AND b.start_us = a.end_us)
    """)


def _postgresql_constraints() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute("""
        ALTER TABLE allocations ADD CONSTRAINT allocations_no_overlap
        EXCLUDE USING gist (resource_id WITH =, int8range(start_us, end_us) WITH &&)
        WHERE (exclusive AND status IN ('held', 'confirmed'))
    """)
    op.execute("""
        CREATE FUNCTION occupancy_within_capacity() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.level > (SELECT capacity FROM resources WHERE id = NEW.resource_id) THEN
                RAISE check_violation USING MESSAGE = 'occupancy above capacity';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER occupancy_within_capacity BEFORE INSERT OR UPDATE ON occupancy
        FOR EACH ROW EXECUTE FUNCTION occupancy_within_capacity()
    """)


def _sqlite_constraints() -> None:
    for event in ("INSERT", "UPDATE"):
        name = f"occupancy_within_capacity_{event.lower()}"
        condition = "WHEN NEW.level > (SELECT capacity FROM resources WHERE id = NEW.resource_id)"
        refusal = "BEGIN SELECT RAISE(ABORT, 'occupancy above capacity'); END"
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON occupancy {condition} {refusal}")
