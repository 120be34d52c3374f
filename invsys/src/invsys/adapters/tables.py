"""The tables, as the newest migration leaves them. Constraints that only one engine has are in the migrations."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

from servicekit.storage.tables import answers_table, feed_table, secrets_table
from servicekit.storage.texts import SortedText

metadata = MetaData()

# Conditions of partial indexes. Literals, in the indexes and in queries: SQLite takes a partial index only where it
# can see its condition in the statement.
PRESENT = "status <> 'decommissioned'"
LIVE = "status IN ('held', 'confirmed')"
HELD = "status = 'held'"


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


kinds = Table(
    "kinds",
    metadata,
    Column("code", Text, primary_key=True),
    Column("plural", Text, nullable=False, unique=True),
    Column("mode", Text, nullable=False),
    Column("slot_us", BigInteger),
    Column("anchor_us", BigInteger, nullable=False),
    Column("attributes_schema", Text),
)

resources = Table(
    "resources",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, ForeignKey("kinds.code"), nullable=False),
    Column("name", SortedText, nullable=False),
    Column("status", Text, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("attributes", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("lock_seq", BigInteger, nullable=False),
    CheckConstraint("capacity > 0", name="resources_capacity"),
    # A decommissioned resource gives its name back.
    Index("resources_name", "kind", "name", unique=True, **_where(PRESENT)),
    Index("resources_present", "kind", "id", **_where(PRESENT)),
    Index("resources_status", "kind", "status", "id"),
    Index("resources_status_name", "kind", "status", "name", "id"),
)

# Labels and plain attributes, one row each, to search by. The JSON in `resources` is what is shown.
facets = Table(
    "facets",
    metadata,
    Column("resource_id", Text, ForeignKey("resources.id"), primary_key=True),
    Column("source", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Index("facets_search", "source", "key", "value", "resource_id"),
)

allocations = Table(
    "allocations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("resource_id", Text, ForeignKey("resources.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("start_us", BigInteger, nullable=False),
    Column("end_us", BigInteger, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("exclusive", Boolean, nullable=False),
    Column("allocation_type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("hold_expires_us", BigInteger),
    Column("description", Text),
    Column("dump", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("start_us < end_us", name="allocations_interval"),
    CheckConstraint("quantity > 0", name="allocations_quantity"),
    Index("allocations_resource", "resource_id", "id"),
    # Partial, so that no heap of cancelled bookings lies between a search and its neighbour.
    Index("allocations_live_id", "resource_id", "id", **_where(LIVE)),
    Index("allocations_live_start", "resource_id", "start_us", "id", **_where(LIVE)),
    Index("allocations_live_end", "resource_id", "end_us", **_where(LIVE)),
    Index("allocations_due", "hold_expires_us", **_where(HELD)),
    Index("allocations_held", "resource_id", "hold_expires_us", **_where(HELD)),
)

occupancy = Table(
    "occupancy",
    metadata,
    Column("resource_id", Text, ForeignKey("resources.id"), primary_key=True),
    Column("at_us", BigInteger, primary_key=True),
    Column("level", BigInteger, nullable=False),
    CheckConstraint("level >= 0", name="occupancy_level"),
)

answers = answers_table(metadata)
secrets = secrets_table(metadata)
feed = feed_table(metadata)

# The history, and what others follow. Rows are never changed or removed: triggers see to it.
changes = Table(
    "changes",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at_us", BigInteger, nullable=False),
    Column("topic", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("resource_id", Text, nullable=False),
    Column("allocation_id", Text),
    Column("version", Integer, nullable=False),
    Column("before", Text),
    Column("after", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Index("changes_resource", "resource_id", "seq"),
)
