"""Profiles, secrets, remembered assertions and signing keys in SQL."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from accounts.adapters.tables import assertions, client_secrets, oauth_profiles, signing_keys
from accounts.domain.credentials import Secret
from accounts.domain.oauth import ClientSecret, Profile
from accounts.domain.signing_key import Algorithm, SealedKey, SigningKey
from servicekit.storage.texts import unless_taken

# Statements of the hot path are built once: SQLAlchemy takes longer to build one than SQLite to run it.
_PROFILE = select(oauth_profiles).where(oauth_profiles.c.client_id == bindparam("ident"))
_SECRETS = (
    select(client_secrets)
    .where(client_secrets.c.client_id == bindparam("ident"))
    .order_by(client_secrets.c.created_at, client_secrets.c.id)
)


class SqlOAuthRows:
    """The port `OAuthRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def profile(self, client_id: str) -> Profile:
        row = self._connection.execute(_PROFILE, {"ident": client_id}).first()
        if row is None:
            return Profile(client_id)
        return Profile(client_id, tuple(json.loads(row.scopes)), tuple(json.loads(row.jwks)), row.version)

    def save_profile(self, profile: Profile) -> None:
        values = {
            "scopes": json.dumps(profile.scopes),
            "jwks": json.dumps(profile.jwks),
            "version": profile.version,
        }
        same = oauth_profiles.c.client_id == profile.client_id
        if not self._connection.execute(update(oauth_profiles).where(same).values(values)).rowcount:
            self._connection.execute(insert(oauth_profiles), {"client_id": profile.client_id, **values})

    def add_secret(self, secret: ClientSecret) -> None:
        row = {
            "id": secret.id,
            "client_id": secret.client_id,
            "mac": secret.secret.mac,
            "pepper": secret.secret.pepper,
            "created_at": secret.created_at,
            "created_by": secret.created_by,
            "expires_at": secret.expires_at,
        }
        self._connection.execute(insert(client_secrets), row)

    def secrets_of(self, client_id: str) -> Sequence[ClientSecret]:
        return [_secret(row) for row in self._connection.execute(_SECRETS, {"ident": client_id})]

    def remove_secret(self, ident: str) -> None:
        self._connection.execute(delete(client_secrets).where(client_secrets.c.id == ident))

    def remember(self, client_id: str, jti: str, until: int) -> bool:
        row = {"client_id": client_id, "digest": hashlib.sha256(jti.encode()).hexdigest(), "until": until}
        return unless_taken(self._connection, insert(assertions).values(row))

    def signing_keys(self) -> Sequence[SigningKey]:
        return [_key(row) for row in self._connection.execute(select(signing_keys).order_by(signing_keys.c.number))]

    def add_signing_key(self, key: SigningKey) -> bool:
        row = {
            "number": key.number,
            "kid": key.kid,
            "algorithm": key.algorithm.value,
            "public": json.dumps(key.public),
            "sealed": key.sealed.octets,
            "pepper": key.sealed.pepper,
            "created_at": key.created_at,
            "active_from": key.active_from,
        }
        return unless_taken(self._connection, insert(signing_keys).values(row))

    def remove_signing_key(self, kid: str) -> None:
        self._connection.execute(delete(signing_keys).where(signing_keys.c.kid == kid))

    def forget(self, at: int) -> None:
        self._connection.execute(delete(assertions).where(assertions.c.until < at))
        self._connection.execute(delete(client_secrets).where(client_secrets.c.expires_at < at))


def _secret(row: Row[Any]) -> ClientSecret:
    secret = Secret(row.mac, row.pepper)
    return ClientSecret(row.id, row.client_id, secret, row.created_at, row.created_by, row.expires_at)


def _key(row: Row[Any]) -> SigningKey:
    return SigningKey(
        number=row.number,
        kid=row.kid,
        algorithm=Algorithm(row.algorithm),
        public=json.loads(row.public),
        sealed=SealedKey(row.sealed, row.pepper),
        created_at=row.created_at,
        active_from=row.active_from,
    )
