"""The config of accounts: where clients, their keys and what they may do come from."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from moongate.config.address import parse_target_url
from moongate.config.model_base import StrictModel
from moongate.config.schema_types import DURATION_SCHEMA
from moongate.config.units import parse_duration
from moongate.core import limits

DEFAULT_REPLICA: Final = "var/replica.sqlite"
_TOKEN: Final = re.compile(r"[!-~]{16,512}\Z")


def _checked_url(value: str) -> str:
    try:
        parse_target_url(value)
    except ValueError as error:
        raise ValueError(str(error).replace("a target", "accounts").replace("to targets", "to accounts")) from None
    return value.rstrip("/")


def _checked_token(value: str) -> str:
    if not _TOKEN.match(value):
        raise ValueError(
            "this is no token of a gateway: one line of 16 to 512 printable ASCII characters, as `accounts bootstrap` "
            "or `accounts gateway create` print it; put it into a file and write ${file:PATH}"
        )
    return value


def _checked_replica(value: str) -> str:
    if not value.strip() or value.endswith("/") or "\0" in value:
        raise ValueError(f"{value!r} is no file: write a path such as {DEFAULT_REPLICA}")
    return value


class AccountsConfig(StrictModel):
    """Accounts, which knows clients. What it says is kept in a file here, so that no request waits for it."""

    url: Annotated[str, AfterValidator(_checked_url)]
    """http://HOST:PORT or https://HOST:PORT of accounts, verified against the system's CAs."""
    token: Annotated[str, AfterValidator(_checked_token)]
    """The gateway's own credential there, best as ${file:PATH}."""
    max_stale: Annotated[float, BeforeValidator(parse_duration), WithJsonSchema(DURATION_SCHEMA)] = (
        limits.MAX_STALE_SECONDS
    )
    """How long known clients are served when accounts cannot be reached, as 15m; then they are told to come back."""
    replica: Annotated[str, AfterValidator(_checked_replica)] = DEFAULT_REPLICA
    """The file in which what accounts says is kept, relative to the working directory; one for each gateway. With it
    a gateway that starts while accounts is down serves at once."""
