"""The tables, as the newest migration leaves them."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text, text

metadata = MetaData()

resources = Table(
    "resources",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("lock_seq", BigInteger, nullable=False),
    # A decommissioned resource gives its name back.
    Index(
        "resources_name",
        "kind",
        "name",
        unique=True,
        sqlite_where=text("status <> 'decommissioned'"),
        postgresql_where=text("status <> 'decommissioned'"),
    ),
    Index("resources_kind", "kind", "id"),
)

allocations = Table(
    "allocations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("resource_id", Text, ForeignKey("resources.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("start_us", BigInteger, nullable=False),
    Column("end_us", BigInteger, nullable=False),
    Column("allocation_type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("description", Text),
    Column("dump", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    # Partial, so that no heap of cancelled bookings lies between a search and its neighbour.
    Index(
        "allocations_live_start",
        "resource_id",
        "start_us",
        sqlite_where=text("status = 'confirmed'"),
        postgresql_where=text("status = 'confirmed'"),
    ),
    Index("allocations_resource", "resource_id", "id"),
)
