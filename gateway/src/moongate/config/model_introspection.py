"""Token introspection, as a person writes it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from moongate.config.model_asking import AskingConfig
from moongate.config.model_base import Pause  # noqa: TC001 - pydantic reads it
from moongate.config.model_values import listed
from moongate.config.schema_types import LIST_OR_TEXT_SCHEMA, TEXTS_SCHEMA


def _checked_token(value: str) -> str:
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("a token is made of letters, digits and signs, without spaces")
    return value


class IntrospectionConfig(AskingConfig):
    """Access tokens that their maker is asked about (RFC 7662), by a service that is named under `services`."""

    client_id: Annotated[str, Field(min_length=1)] | None = None
    """The gateway's own name at the endpoint."""
    client_secret: Annotated[str, Field(min_length=1)] | None = None
    """The secret that goes with it, best as ${file:PATH}."""
    auth_method: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic"
    """How both are shown (RFC 8414): form-encoded in HTTP Basic, as RFC 6749 has it, or in the body, for endpoints that
    do not decode what stands in Basic."""
    token: Annotated[str, Field(min_length=1), AfterValidator(_checked_token)] | None = None
    """In place of both a bearer token, as accounts wants it: the gateway's own, best as ${file:PATH}."""
    cache: Pause = 60.0
    """How long an active token is taken without asking again, at most until it expires; 0s asks each time. So late may
    a revocation be."""
    client: Annotated[
        tuple[str, ...], BeforeValidator(listed), WithJsonSchema(LIST_OR_TEXT_SCHEMA), Field(min_length=1)
    ] = ("client_id", "azp", "sub")
    """The members of the answer that may name the client: the first that is there."""
    audience: Annotated[tuple[str, ...], BeforeValidator(listed), WithJsonSchema(TEXTS_SCHEMA)] = ()
    """Whom a token must be for (`aud`), one of these; the endpoint alone judges that where absent."""
    known_to_accounts: bool = False
    """Whether accounts must know the client, which then has its grants and plan."""

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        is_client = self.client_id is not None or self.client_secret is not None
        if is_client and self.token is not None:
            raise ValueError("the gateway shows `client_id` and `client_secret`, or a `token`, and not both")
        if self.token is None and (self.client_id is None or self.client_secret is None):
            raise ValueError(
                "endpoints answer nobody whom they do not know: name `client_id` and `client_secret`, or a `token`"
            )
        return self
