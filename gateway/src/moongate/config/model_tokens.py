"""Where keys of tokens are kept, and how the gateway signs its own."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from moongate.config.model_base import StrictModel
from moongate.config.schema_types import DURATION_SCHEMA
from moongate.config.units import parse_duration

_EXAMPLE: Final = "var/replica.key_sets.json"


def _checked_file(value: str) -> str:
    if not value.strip() or value.endswith("/") or "\0" in value:
        raise ValueError(f"{value!r} is no file: write a path such as {_EXAMPLE}")
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
