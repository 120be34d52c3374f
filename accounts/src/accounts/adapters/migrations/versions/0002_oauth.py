"""OAuth: what clients may have, their secrets, assertions seen, keys that sign tokens.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_Sorted = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "oauth_profiles",
        sa.Column("client_id", _Sorted, sa.ForeignKey("clients.id"), primary_key=True),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("jwks", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "client_secrets",
        sa.Column("id", _Sorted, primary_key=True),
        sa.Column("client_id", _Sorted, sa.ForeignKey("clients.id"), nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
        sa.Column("pepper", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
    )
    op.create_index("client_secrets_client", "client_secrets", ["client_id", "created_at", "id"])
    op.create_index("client_secrets_expires", "client_secrets", ["expires_at"])
    op.create_table(
        "assertions",
        sa.Column("client_id", _Sorted, primary_key=True),
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.create_index("assertions_until", "assertions", ["until"])
    op.create_table(
        "signing_keys",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kid", sa.Text, nullable=False, unique=True),
        sa.Column("algorithm", sa.Text, nullable=False),
        sa.Column("public", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("pepper", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("active_from", sa.BigInteger, nullable=False),
    )
