"""Who calls and what they may do, as a person writes it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from moongate.config.model_auth_basic import BasicConfig  # noqa: TC001 - pydantic reads it
from moongate.config.model_auth_hmac import HmacConfig  # noqa: TC001 - pydantic reads it
from moongate.config.model_auth_jwt import JwtConfig
from moongate.config.model_auth_mtls import MtlsConfig  # noqa: TC001 - pydantic reads it
from moongate.config.model_auth_oidc import OidcConfig  # noqa: TC001 - as that
from moongate.config.model_base import StrictModel
from moongate.config.model_cedar import CedarConfig  # noqa: TC001 - pydantic reads it
from moongate.config.model_introspection import IntrospectionConfig  # noqa: TC001 - pydantic reads it
from moongate.config.model_opa import OpaConfig  # noqa: TC001 - pydantic reads it
from moongate.config.model_values import HeaderName, listed
from moongate.config.schema_types import LIST_OR_TEXT_SCHEMA, TEXTS_SCHEMA


class ApiKeyConfig(StrictModel):
    """API keys that accounts makes. `Authorization: Bearer mg_...` is taken as well."""

    header: HeaderName = "X-API-Key"
    """The header field that a key may come in."""
    query: str | None = None
    """A query parameter that a key may come in; none where absent, for URLs end up in logs and histories."""


class MethodConfig(StrictModel):
    """One way to say who calls: one kind, and its settings; a kind alone is short for its defaults."""

    api_key: ApiKeyConfig | None = None
    """API keys, looked up in what accounts says."""
    jwt: JwtConfig | None = None
    """Access tokens of one issuer."""
    basic: BasicConfig | None = None
    """Names and passwords."""
    mtls: MtlsConfig | None = None
    """Certificates of clients."""
    hmac: HmacConfig | None = None
    """Requests that are signed."""
    introspection: IntrospectionConfig | None = None
    """Access tokens that their maker is asked about."""
    oidc: OidcConfig | None = None
    """Logins of people in browsers at an OpenID Connect provider."""

    @model_validator(mode="before")
    @classmethod
    def _from_kind(cls, value: Any) -> Any:
        return {value: {}} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [name for name in METHOD_KINDS if getattr(self, name) is not None]
        if len(kinds) != 1:
            raise ValueError(f"a method is of one kind: {', '.join(METHOD_KINDS)}")
        return self

    @property
    def kind(self) -> str:
        """The one kind that is there."""
        return next(name for name in METHOD_KINDS if getattr(self, name) is not None)


METHOD_KINDS: Final = tuple(MethodConfig.model_fields)


class AuthenticateConfig(StrictModel):
    """Who calls; a list is short for ``{methods: [...]}``."""

    methods: Annotated[tuple[MethodConfig, ...], BeforeValidator(listed), Field(min_length=1)] = (
        MethodConfig(api_key=ApiKeyConfig()),
        MethodConfig(jwt=JwtConfig()),
    )
    """Ways to say who calls, tried in this order: the first that proves it does. API keys and access tokens of accounts
    where absent."""
    anonymous: Literal["allow", "deny"] = "deny"
    """Whether a request without any credential goes on; one with a wrong credential never does."""
    forward_credentials: bool = False
    """Whether the service sees the credential itself."""
    forward_identity: Literal["headers", "token", "both"] = "headers"
    """How the service is told who calls: in X-Client-Id and its like, or in X-Client-Token, a JWT that the gateway
    signs for this service and one minute."""

    @model_validator(mode="before")
    @classmethod
    def _from_methods(cls, value: Any) -> Any:
        return {"methods": value} if isinstance(value, list | tuple | str) else value


class AuthorizeConfig(StrictModel):
    """What the client must be allowed; everything that is said must hold."""

    grants: bool | None = None
    """Whether a grant of the client's must allow the route's `resource`: yes, unless `opa` or `cedar` decides."""
    scopes: Annotated[tuple[str, ...], BeforeValidator(listed), WithJsonSchema(TEXTS_SCHEMA)] = ()
    """Scopes that the credential must have, all of them."""
    claims: dict[
        str,
        Annotated[tuple[str, ...], BeforeValidator(listed), WithJsonSchema(LIST_OR_TEXT_SCHEMA), Field(min_length=1)],
    ] = Field(default_factory=dict)
    """Claims that the token must have, each with one of these values."""
    cedar: CedarConfig | None = None
    """Policies in Cedar that must permit the request."""
    opa: OpaConfig | None = None
    """A policy of Open Policy Agent that must allow the request."""

    @property
    def asks_grants(self) -> bool:
        """Whether grants are asked for, said or not."""
        return not (self.opa or self.cedar) if self.grants is None else self.grants

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.asks_grants or self.scopes or self.claims or self.cedar or self.opa):
            raise ValueError("nothing is asked: with `grants: false`, name `scopes`, `claims`, `cedar` or `opa`")
        return self
