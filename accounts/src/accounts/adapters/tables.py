"""The tables, as the newest migration leaves them. Times are seconds since 1970; microseconds in names with `_us`.

No column holds anything that opens a door: credentials are codes under a pepper that is not here.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from servicekit.storage.tables import answers_table, feed_table, secrets_table
from servicekit.storage.texts import SortedText

metadata = MetaData()

OPEN = text("status <> 'closed'")

plans = Table(
    "plans",
    metadata,
    Column("name", SortedText, primary_key=True),
    Column("requests", BigInteger, nullable=False),
    Column("seconds", BigInteger, nullable=False),
    Column("burst", BigInteger, nullable=False),
    Column("quota_requests", BigInteger),
    Column("quota_period", Text),
    Column("concurrency", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
)

roles = Table(
    "roles",
    metadata,
    Column("name", SortedText, primary_key=True),
    Column("grants", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
)

clients = Table(
    "clients",
    metadata,
    Column("id", SortedText, primary_key=True),
    Column("name", SortedText, nullable=False),
    Column("status", Text, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("plan", SortedText, ForeignKey("plans.name")),
    Column("labels", Text, nullable=False),
    Column("certificates", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("version", Integer, nullable=False),
    CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="clients_closed"),
    # A closed client gives its name back.
    Index("clients_name", "name", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    Index("clients_status", "status", "id"),
    Index("clients_plan", "plan"),
    Index("clients_closed_at", "closed_at"),
)

client_roles = Table(
    "client_roles",
    metadata,
    Column("client_id", SortedText, ForeignKey("clients.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("role", SortedText, ForeignKey("roles.name"), nullable=False),
    Index("client_roles_role", "role"),
)

revoked_tokens = Table(
    "revoked_tokens",
    metadata,
    Column("client_id", SortedText, ForeignKey("clients.id"), primary_key=True),
    Column("jti", Text, primary_key=True),
    Column("exp", BigInteger, nullable=False),
    Index("revoked_tokens_exp", "exp"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", SortedText, primary_key=True),
    Column("client_id", SortedText, ForeignKey("clients.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("env", Text, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Column("pepper", Integer, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("last_used_at", BigInteger),
    Column("replaced_by", Text),
    Column("version", Integer, nullable=False),
    Index("api_keys_client", "client_id", "created_at", "id"),
    Index("api_keys_expires", "expires_at"),
    Index("api_keys_revoked", "revoked_at"),
    Index("api_keys_pepper", "pepper"),
)

grants = Table(
    "grants",
    metadata,
    Column("id", SortedText, primary_key=True),
    Column("client_id", SortedText, ForeignKey("clients.id"), nullable=False),
    Column("resource", Text, nullable=False),
    Column("actions", Text, nullable=False),
    Column("effect", Text, nullable=False),
    Column("expires_at", BigInteger),
    Column("query", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("grants_client", "client_id", "id"),
)

gateways = Table(
    "gateways",
    metadata,
    Column("id", SortedText, primary_key=True),
    Column("name", SortedText, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Column("pepper", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("name", name="gateways_name"),
)

admins = Table(
    "admins",
    metadata,
    Column("id", SortedText, primary_key=True),
    Column("name", SortedText, nullable=False),
    Column("password", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("name", name="admins_name"),
)

admin_tokens = Table(
    "admin_tokens",
    metadata,
    Column("id", SortedText, primary_key=True),
    Column("admin_id", SortedText, ForeignKey("admins.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Column("pepper", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Index("admin_tokens_admin", "admin_id", "id"),
    Index("admin_tokens_expires", "expires_at"),
)

# Which peppers credentials here were made under, by fingerprint. The peppers themselves are in a file.
peppers = Table(
    "peppers",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("fingerprint", Text, nullable=False),
)

# What a client may have as a token, and the public keys of its assertions.
oauth_profiles = Table(
    "oauth_profiles",
    metadata,
    Column("client_id", SortedText, ForeignKey("clients.id"), primary_key=True),
    Column("scopes", Text, nullable=False),
    Column("jwks", Text, nullable=False),
    Column("version", Integer, nullable=False),
)

client_secrets = Table(
    "client_secrets",
    metadata,
    Column("id", SortedText, primary_key=True),
    Column("client_id", SortedText, ForeignKey("clients.id"), nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Column("pepper", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", BigInteger),
    Index("client_secrets_client", "client_id", "created_at", "id"),
    Index("client_secrets_expires", "expires_at"),
)

# Assertions that were used once, so that none is used twice.
assertions = Table(
    "assertions",
    metadata,
    Column("client_id", SortedText, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("until", BigInteger, nullable=False),
    Index("assertions_until", "until"),
)

# `sealed` is encrypted under a pepper, which is not here.
signing_keys = Table(
    "signing_keys",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kid", Text, nullable=False, unique=True),
    Column("algorithm", Text, nullable=False),
    Column("public", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("pepper", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("active_from", BigInteger, nullable=False),
)

# What gateways are told, each record as it was when it last changed.
records = Table(
    "records",
    metadata,
    Column("kind", SortedText, primary_key=True),
    Column("id", SortedText, primary_key=True),
    Column("body", Text, nullable=False),
)

# Which record changed when. Numbers follow the commits, without gaps: see servicekit.storage.numbers.
changes = Table(
    "changes",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", SortedText, nullable=False),
    Column("id", SortedText, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Index("changes_at", "at_us"),
)

feed = feed_table(metadata)

# One row: the epoch of the feed, and the number up to which changes were forgotten.
epochs = Table(
    "epochs",
    metadata,
    Column("epoch", Text, primary_key=True),
    Column("floor_seq", BigInteger, nullable=False),
)

# Rows are never changed or removed: triggers see to it, and the seals show it.
audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at_us", BigInteger, nullable=False),
    Column("actor", SortedText, nullable=False),
    Column("topic", Text, nullable=False),
    Column("subject", SortedText, nullable=False),
    Column("details", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("seal", Text, nullable=False),
    Index("audit_subject", "subject", "seq"),
    Index("audit_actor", "actor", "seq"),
)

# One row: the number of the newest entry. Every transaction that records something takes it before `feed`.
audit_numbers = Table("audit_numbers", metadata, Column("last_seq", BigInteger, primary_key=True, autoincrement=False))

answers = answers_table(metadata)
secrets = secrets_table(metadata)
