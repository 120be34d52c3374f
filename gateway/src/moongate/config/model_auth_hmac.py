"""Requests that clients sign, as a person says by which keys."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from moongate.config.model_base import StrictModel
from moongate.config.schema_types import DURATION_SCHEMA
from moongate.config.units import parse_duration
from moongate.core import limits


def _window(value: object) -> float:
    seconds = parse_duration(value)
    if seconds > limits.MAX_SIGNATURE_WINDOW_SECONDS:
        raise ValueError("a signature is taken for 5m at the most: whoever needs more has a clock to put right")
    return seconds


class SigningKeyConfig(StrictModel):
    """A key, and the client that signs with it."""

    client: Annotated[str, Field(min_length=1, max_length=255)]
    """The client that this key is of; it may have several."""
    secret: str | None = None
    """A secret that both know, at least 32 octets in base64, best as ${file:PATH}: for hmac-sha256."""
    public_key: str | None = None
    """The client's public key in PEM, best as ${file:PATH}: for ed25519."""

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if (self.secret is None) == (self.public_key is None):
            raise ValueError("a key is either a `secret` (hmac-sha256) or a `public_key` (ed25519)")
        return self


class HmacConfig(StrictModel):
    """Requests signed by their clients (RFC 9421): method, target, body and time."""

    keys: Annotated[
        dict[Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[ -~]+$")], SigningKeyConfig],
        Field(min_length=1),
    ]
    """Keys by the names that signatures have for them (keyid)."""
    window: Annotated[float, BeforeValidator(_window), WithJsonSchema(DURATION_SCHEMA)] = (
        limits.SIGNATURE_WINDOW_SECONDS
    )
    """How old a signature may be, and how far a client's clock may go ahead; at most 5m."""
    known_to_accounts: bool = False
    """Whether accounts must know the client, which then has its grants and plan."""
