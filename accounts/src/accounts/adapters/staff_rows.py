"""Gateways, admins with their tokens, and what is known of peppers, in SQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from accounts.adapters.tables import admin_tokens, admins, client_secrets, gateways, peppers, signing_keys
from accounts.domain.admin import Admin, AdminToken
from accounts.domain.credentials import Secret
from accounts.domain.gateway import Gateway
from accounts.domain.names import normal
from accounts.service.ports import KnownPepper
from servicekit.storage.texts import unless_taken

_GATEWAY = select(gateways).where(gateways.c.id == bindparam("ident"))
_ADMIN = select(admins).where(admins.c.id == bindparam("ident"))
_TOKEN = select(admin_tokens).where(admin_tokens.c.id == bindparam("ident"))


class SqlGatewayRows:
    """The port `GatewayRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, gateway: Gateway) -> bool:
        row = {"id": gateway.id, "name": gateway.name, "created_at": gateway.created_at, **_secret(gateway.secret)}
        return unless_taken(self._connection, gateways.insert().values(row))

    def get(self, ident: str) -> Gateway | None:
        row = self._connection.execute(_GATEWAY, {"ident": ident}).first()
        return None if row is None else _gateway(row)

    def remove(self, ident: str) -> None:
        self._connection.execute(delete(gateways).where(gateways.c.id == ident))

    def all(self) -> Sequence[Gateway]:
        query = select(gateways).order_by(gateways.c.name)
        return [_gateway(row) for row in self._connection.execute(query)]


class SqlAdminRows:
    """The port `AdminRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, admin: Admin) -> bool:
        return unless_taken(self._connection, admins.insert().values(id=admin.id, **_admin_values(admin)))

    def get(self, ident: str) -> Admin | None:
        row = self._connection.execute(_ADMIN, {"ident": ident}).first()
        return None if row is None else _admin(row)

    def claim(self, ident: str) -> Admin | None:
        row = self._connection.execute(_ADMIN.with_for_update(), {"ident": ident}).first()
        return None if row is None else _admin(row)

    def by_name(self, name: str) -> Admin | None:
        row = self._connection.execute(select(admins).where(admins.c.name == normal(name))).first()
        return None if row is None else _admin(row)

    def save(self, admin: Admin) -> None:
        self._connection.execute(update(admins).where(admins.c.id == admin.id).values(_admin_values(admin)))

    def remove(self, ident: str) -> None:
        self._connection.execute(delete(admin_tokens).where(admin_tokens.c.admin_id == ident))
        self._connection.execute(delete(admins).where(admins.c.id == ident))

    def all(self) -> Sequence[Admin]:
        # Held: two that remove each other's admin must not both see the other's left.
        rows = self._connection.execute(select(admins).order_by(admins.c.id).with_for_update())
        return [_admin(row) for row in rows]

    def add_token(self, token: AdminToken) -> None:
        row = {
            "id": token.id,
            "admin_id": token.admin_id,
            "name": token.name,
            "created_at": token.created_at,
            "expires_at": token.expires_at,
            **_secret(token.secret),
        }
        self._connection.execute(admin_tokens.insert(), row)

    def token(self, ident: str) -> AdminToken | None:
        row = self._connection.execute(_TOKEN, {"ident": ident}).first()
        return None if row is None else _token(row)

    def tokens_of(self, admin_id: str) -> Sequence[AdminToken]:
        query = select(admin_tokens).where(admin_tokens.c.admin_id == admin_id)
        query = query.order_by(admin_tokens.c.created_at, admin_tokens.c.id)
        return [_token(row) for row in self._connection.execute(query)]

    def remove_token(self, ident: str) -> None:
        self._connection.execute(delete(admin_tokens).where(admin_tokens.c.id == ident))

    def forget_tokens(self, at: int) -> None:
        self._connection.execute(delete(admin_tokens).where(admin_tokens.c.expires_at <= at))


class SqlPepperRows:
    """The port `PepperRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> Sequence[KnownPepper]:
        rows = self._connection.execute(select(peppers).order_by(peppers.c.version))
        return [KnownPepper(row.version, row.fingerprint) for row in rows]

    def add(self, pepper: KnownPepper) -> bool:
        row = {"version": pepper.version, "fingerprint": pepper.fingerprint}
        return unless_taken(self._connection, peppers.insert().values(row))

    def remove(self, version: int) -> None:
        self._connection.execute(delete(peppers).where(peppers.c.version == version))

    def in_use(self, version: int) -> bool:
        return any(
            self._connection.execute(select(table.c.pepper).where(table.c.pepper == version).limit(1)).first()
            for table in (gateways, admin_tokens, client_secrets, signing_keys)
        )


def _secret(secret: Secret) -> dict[str, Any]:
    return {"mac": secret.mac, "pepper": secret.pepper}


def _admin_values(admin: Admin) -> dict[str, Any]:
    return {
        "name": admin.name,
        "password": admin.password,
        "created_at": admin.created_at,
        "version": admin.version,
    }


def _gateway(row: Row[Any]) -> Gateway:
    return Gateway(row.id, row.name, Secret(row.mac, row.pepper), row.created_at)


def _admin(row: Row[Any]) -> Admin:
    return Admin(row.id, row.name, row.created_at, row.password, row.version)


def _token(row: Row[Any]) -> AdminToken:
    return AdminToken(row.id, row.admin_id, row.name, Secret(row.mac, row.pepper), row.created_at, row.expires_at)
