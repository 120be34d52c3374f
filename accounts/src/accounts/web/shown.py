"""The shapes of answers: the API description is generated from them."""

from typing import Any, Literal

from pydantic import BaseModel

from accounts.web.fields import (
    ClientIdent,
    ClientState,
    EffectName,
    KeyIdent,
    TimeOut,
    Word,
)
from accounts.web.schemas import ClientIn, ConstraintIn, PlanIn


class ClientOut(ClientIn):
    """A client."""

    id: ClientIdent
    status: ClientState
    tokens_not_before: TimeOut | None
    created: TimeOut
    closed: TimeOut | None
    version: int


class KeyOut(BaseModel):
    """An API key, without its text."""

    id: KeyIdent
    client_id: ClientIdent
    name: str
    env: str
    scopes: list[str]
    created: TimeOut
    created_by: str
    expires: TimeOut | None
    revoked: TimeOut | None
    last_used: TimeOut | None
    replaced_by: KeyIdent | None
    version: int


class NewKeyOut(KeyOut):
    """A key that was just made. `key` is its text, shown once: a repeated answer has null."""

    key: str | None


class ProfileOut(BaseModel):
    """What a client may have as a token."""

    client_id: ClientIdent
    scopes: list[str]
    jwks: dict[str, Any]
    version: int


class SecretOut(BaseModel):
    """A secret, without its text."""

    id: KeyIdent
    client_id: ClientIdent
    created: TimeOut
    created_by: str
    expires: TimeOut | None


class NewSecretOut(SecretOut):
    """A secret that was just made. `client_secret` is its text, shown once: a repeated answer has null."""

    client_secret: str | None


class SecretsOut(BaseModel):
    """The secrets of a client."""

    items: list[SecretOut]


class GrantMembers(BaseModel):
    """A grant, as a role has it."""

    resource: str
    actions: list[str]
    effect: EffectName
    expires: TimeOut | None
    constraint: ConstraintIn


class GrantOut(GrantMembers):
    """A grant of a client."""

    id: str
    client_id: ClientIdent
    created: TimeOut


class RoleOut(BaseModel):
    """A role."""

    name: Word
    grants: list[GrantMembers]
    created: TimeOut
    version: int


class PlanOut(PlanIn):
    """A plan."""

    created: TimeOut
    version: int


class GatewayOut(BaseModel):
    """A gateway that may follow the feed."""

    id: KeyIdent
    name: str
    created: TimeOut


class NewGatewayOut(GatewayOut):
    """A gateway that was just made. `credential` is shown once: a repeated answer has null."""

    credential: str | None


class AdminOut(BaseModel):
    """An admin."""

    id: str
    name: str
    has_password: bool
    created: TimeOut
    version: int


class TokenOut(BaseModel):
    """A token of an admin, without its text."""

    id: KeyIdent
    admin_id: str
    name: str
    created: TimeOut
    expires: TimeOut | None


class NewTokenOut(TokenOut):
    """A token that was just made. `token` is its text, shown once: a repeated answer has null."""

    token: str | None


class EntryOut(BaseModel):
    """An entry of the audit; `seal` is SHA-256 over it and the seal before."""

    seq: int
    at: TimeOut
    actor: str
    type: str
    subject: str
    details: dict[str, Any]
    request_id: str
    seal: str


class HeldOut(GrantMembers):
    """The grant that decided, and the role it comes from; null for the client's own."""

    role: str | None


class DecisionOut(BaseModel):
    """What is decided, and by which grant."""

    client_id: ClientIdent
    client_name: str
    is_allowed: bool
    reason: Literal["granted", "denied", "nothing_granted", "client_not_active"]
    grant: HeldOut | None


class GatewaysOut(BaseModel):
    """All gateways."""

    items: list[GatewayOut]


class AdminsOut(BaseModel):
    """All admins."""

    items: list[AdminOut]


class TokensOut(BaseModel):
    """All tokens of an admin."""

    items: list[TokenOut]
