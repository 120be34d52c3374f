"""Clients with their keys and grants, who manages them, what gateways are told, the audit.

Revision ID: 0001
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_Sorted = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _catalog()
    _clients()
    _credentials()
    _staff()
    _feed()
    _audit()


def _catalog() -> None:
    op.create_table(
        "plans",
        sa.Column("name", _Sorted, primary_key=True),
        sa.Column("requests", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.BigInteger, nullable=False),
        sa.Column("burst", sa.BigInteger, nullable=False),
        sa.Column("quota_requests", sa.BigInteger),
        sa.Column("quota_period", sa.Text),
        sa.Column("concurrency", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "roles",
        sa.Column("name", _Sorted, primary_key=True),
        sa.Column("grants", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )


def _clients() -> None:
    op.create_table(
        "clients",
        sa.Column("id", _Sorted, primary_key=True),
        sa.Column("name", _Sorted, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("plan", _Sorted, sa.ForeignKey("plans.name")),
        sa.Column("labels", sa.Text, nullable=False),
        sa.Column("certificates", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="clients_closed"),
    )
    is_open = sa.text("status <> 'closed'")
    op.create_index("clients_name", "clients", ["name"], unique=True, sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("clients_status", "clients", ["status", "id"])
    op.create_index("clients_plan", "clients", ["plan"])
    op.create_index("clients_closed_at", "clients", ["closed_at"])
    op.create_table(
        "client_roles",
        sa.Column("client_id", _Sorted, sa.ForeignKey("clients.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("role", _Sorted, sa.ForeignKey("roles.name"), nullable=False),
    )
    op.create_index("client_roles_role", "client_roles", ["role"])
    op.create_table(
        "revoked_tokens",
        sa.Column("client_id", _Sorted, sa.ForeignKey("clients.id"), primary_key=True),
        sa.Column("jti", sa.Text, primary_key=True),
        sa.Column("exp", sa.BigInteger, nullable=False),
    )
    op.create_index("revoked_tokens_exp", "revoked_tokens", ["exp"])


def _credentials() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", _Sorted, primary_key=True),
        sa.Column("client_id", _Sorted, sa.ForeignKey("clients.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("env", sa.Text, nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
        sa.Column("pepper", sa.Integer, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
        sa.Column("last_used_at", sa.BigInteger),
        sa.Column("replaced_by", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("api_keys_client", "api_keys", ["client_id", "created_at", "id"])
    op.create_index("api_keys_expires", "api_keys", ["expires_at"])
    op.create_index("api_keys_revoked", "api_keys", ["revoked_at"])
    op.create_index("api_keys_pepper", "api_keys", ["pepper"])
    op.create_table(
        "grants",
        sa.Column("id", _Sorted, primary_key=True),
        sa.Column("client_id", _Sorted, sa.ForeignKey("clients.id"), nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("actions", sa.Text, nullable=False),
        sa.Column("effect", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("grants_client", "grants", ["client_id", "id"])
    op.create_table(
        "peppers",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
    )


def _staff() -> None:
    op.create_table(
        "gateways",
        sa.Column("id", _Sorted, primary_key=True),
        sa.Column("name", _Sorted, nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
        sa.Column("pepper", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("name", name="gateways_name"),
    )
    op.create_table(
        "admins",
        sa.Column("id", _Sorted, primary_key=True),
        sa.Column("name", _Sorted, nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("name", name="admins_name"),
    )
    op.create_table(
        "admin_tokens",
        sa.Column("id", _Sorted, primary_key=True),
        sa.Column("admin_id", _Sorted, sa.ForeignKey("admins.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
        sa.Column("pepper", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
    )
    op.create_index("admin_tokens_admin", "admin_tokens", ["admin_id", "id"])
    op.create_index("admin_tokens_expires", "admin_tokens", ["expires_at"])


def _feed() -> None:
    op.create_table(
        "records",
        sa.Column("kind", _Sorted, primary_key=True),
        sa.Column("id", _Sorted, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "changes",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", _Sorted, nullable=False),
        sa.Column("id", _Sorted, nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
    )
    op.create_index("changes_at", "changes", ["at_us"])
    feed = op.create_table("feed", sa.Column("last_seq", sa.BigInteger, primary_key=True, autoincrement=False))
    op.bulk_insert(feed, [{"last_seq": 0}])
    epochs = op.create_table(
        "epochs",
        sa.Column("epoch", sa.Text, primary_key=True),
        sa.Column("floor_seq", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(epochs, [{"epoch": secrets.token_hex(8), "floor_seq": 0}])
    op.create_table(
        "answers",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_us", sa.BigInteger, nullable=False),
    )
    op.create_index("answers_created", "answers", ["created_us"])
    shared = op.create_table(
        "secrets", sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False)
    )
    op.bulk_insert(shared, [{"name": "cursor", "value": secrets.token_hex(32)}])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("actor", _Sorted, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("subject", _Sorted, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("seal", sa.Text, nullable=False),
    )
    op.create_index("audit_subject", "audit", ["subject", "seq"])
    op.create_index("audit_actor", "audit", ["actor", "seq"])
    numbers = op.create_table(
        "audit_numbers", sa.Column("last_seq", sa.BigInteger, primary_key=True, autoincrement=False)
    )
    op.bulk_insert(numbers, [{"last_seq": 0}])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION audit_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE integrity_constraint_violation USING MESSAGE = 'the audit is append-only'; END $$
        """)
        op.execute("""
            CREATE TRIGGER audit_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
            FOR EACH STATEMENT EXECUTE FUNCTION audit_is_final()
        """)
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(f"""
            CREATE TRIGGER audit_is_final_{event.lower()} BEFORE {event} ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
        """)
