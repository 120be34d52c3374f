"""Where keys of tokens are kept, and how the gateway signs its own."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from moongate.config.model_base import StrictModel
from moongate.config.model_values import listed
from moongate.config.schema_types import DURATION_SCHEMA, LIST_OR_TEXT_SCHEMA
from moongate.config.units import parse_duration

_EXAMPLE: Final = "var/replica.key_sets.json"
_SECRET_CHARS: Final = (32, 1024)


def _checked_file(value: str) -> str:
    if not value.strip() or value.endswith("/") or "\0" in value:
        raise ValueError(f"{value!r} is no file: write a path such as {_EXAMPLE}")
    return value


def _checked_secret(value: str) -> str:
    if not _SECRET_CHARS[0] <= len(value) <= _SECRET_CHARS[1]:
        raise ValueError("a secret has 32 to 1024 characters: head -c 32 /dev/urandom | base64 prints a good one")
    return value


class TokensConfig(StrictModel):
    """The keys of issuers whose tokens are taken, and the gateway's own tokens for services."""

    key_sets: Annotated[str, AfterValidator(_checked_file)] | None = None
    """The file in which issuers' keys are kept, so that a gateway that starts while an issuer is down serves at once;
    one for each gateway. Beside the replica of accounts where absent, as var/replica.key_sets.json."""
    issuer: Annotated[str, Field(min_length=1, max_length=256)] = "moongate"
    """What tokens to services (`forward_identity: token`) say that they are from."""
    signing_keys: Annotated[str, AfterValidator(_checked_file)] | None = None
    """The file in which the keys for them are kept, one for each gateway. Beside the replica where absent, as
    var/replica.signing_keys.json."""
    rotate_after: Annotated[float, BeforeValidator(parse_duration), WithJsonSchema(DURATION_SCHEMA)] = 24 * 3600.0
    """How long one of these keys signs. The next is published before it is used, and the last for as long after."""
    session_keys: Annotated[str, AfterValidator(_checked_file)] | None = None
    """The file in which the key is kept that seals sessions of browsers (`oidc`); made once. Beside the replica where
    absent, as var/replica.session_keys.json."""
    session_secrets: Annotated[
        tuple[Annotated[str, AfterValidator(_checked_secret)], ...],
        BeforeValidator(listed),
        WithJsonSchema(LIST_OR_TEXT_SCHEMA),
        Field(max_length=4, repr=False),
    ] = ()
    """Secrets in place of that file, for several gateways that share their sessions; best as ${file:PATH}. The first
    seals, all open: put a new one in front, and take the old one away when its sessions are over."""
