"""Browsers' logins as a person says at whom, and what their sessions hold."""

from __future__ import annotations

import re
from typing import Annotated, Final, Self, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from moongate.config.model_auth_jwt import Algorithm, Leeway, Texts, check_issuer_url
from moongate.config.model_base import StrictModel
from moongate.config.model_values import listed
from moongate.config.schema_types import DURATION_SCHEMA, LIST_OR_TEXT_SCHEMA
from moongate.config.units import parse_duration

_MIN_SESSION_SECONDS: Final = 60.0
_PATH: Final = re.compile(r"/|(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 section 3.3
_CREDENTIAL: Final = re.compile(r"[\x21-\x7e]{1,512}")


def _checked_path(value: str) -> str:
    if not _PATH.fullmatch(value):
        raise ValueError(f"{value!r} is no path of one page: write it plainly, as /oidc/callback")
    return value


def _checked_own_path(value: str) -> str:
    if value == "/":
        raise ValueError("this path is the gateway's own then, so it can not be /: write one such as /oidc/callback")
    return _checked_path(value)


def _checked_scope(value: str) -> str:
    if not _SCOPE.fullmatch(value):
        raise ValueError(f"{value!r} is no scope: write each on its own, as scopes: [openid, profile]")
    return value


def _checked_credential(value: str) -> str:
    if not _CREDENTIAL.fullmatch(value):
        raise ValueError("this is no credential of a client: 1 to 512 printable ASCII characters without spaces")
    return value


def _session(value: object) -> float:
    seconds = parse_duration(value)
    if seconds < _MIN_SESSION_SECONDS:
        raise ValueError("a session lasts 60s at the least, for each begins with a login")
    return seconds


_OwnPath: TypeAlias = Annotated[str, AfterValidator(_checked_own_path)]
_Credential: TypeAlias = Annotated[str, AfterValidator(_checked_credential)]


class OidcConfig(StrictModel):
    """Logins of people at an OpenID Connect provider; who has logged in shows a cookie that only gateways can read."""

    issuer: Annotated[str, Field(min_length=1, max_length=1024)]
    """The provider, to the letter as it calls itself; all else about it is found by discovery under this URL."""
    client_id: _Credential
    """What the provider calls this gateway."""
    client_secret: Annotated[_Credential, Field(repr=False)]
    """By what the gateway proves that it is the one, best as ${file:PATH}."""
    scopes: Annotated[
        tuple[Annotated[str, AfterValidator(_checked_scope)], ...],
        BeforeValidator(listed),
        WithJsonSchema(LIST_OR_TEXT_SCHEMA),
    ] = ("openid",)
    """What the provider is asked for. `openid` is among them; `offline_access` has many providers give what sessions
    are renewed by."""
    callback: _OwnPath = "/oidc/callback"
    """Where the provider sends people back to, on each host that they came from; the provider must have it registered,
    as https://HOST/oidc/callback."""
    logout: _OwnPath = "/oidc/logout"
    """Where a link or a form of your pages leads to that ends the session, at the provider too where it offers that."""
    after_logout: Annotated[str, AfterValidator(_checked_path)] = "/"
    """The page behind it; the provider must have it registered as well. One that needs no login, or it begins anew."""
    session: Annotated[float, BeforeValidator(_session), WithJsonSchema(DURATION_SCHEMA)] = 8 * 3600.0
    """How long a session lasts in all, whatever is done in it."""
    client: Texts = ("sub",)
    """The claims of the ID token that may name the client: the first that is there."""
    claims: Annotated[tuple[str, ...], BeforeValidator(listed), WithJsonSchema(LIST_OR_TEXT_SCHEMA)] = (
        "email",
        "email_verified",
        "groups",
        "name",
        "preferred_username",
        "roles",
    )
    """The claims that a session keeps beside `iss` and `sub`, for `authorize` and filters of your own; a cookie has no
    room for all."""
    algorithms: Annotated[tuple[Algorithm, ...], BeforeValidator(listed), Field(min_length=1)] = ("ES256", "RS256")
    """What ID tokens may be signed by, whatever they say themselves."""
    leeway: Leeway = 30.0
    """By how much the provider's clock may differ from this one's, at most 60s."""
    known_to_accounts: bool = False
    """Whether accounts must know the client, which then has its grants and plan, and whose end is its sessions' end."""
    allow_http: bool = False
    """Whether all of this may happen without TLS, also between machines; whoever is in between can then be anybody."""

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        if "openid" not in self.scopes:
            raise ValueError("without the scope `openid` the provider would not say who logged in: add it to `scopes`")
        if self.callback == self.logout:
            raise ValueError("`callback` and `logout` are two paths")
        check_issuer_url(self.issuer, allows_http=self.allow_http)
        return self
