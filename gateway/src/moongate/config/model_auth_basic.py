"""Users with passwords, as a person writes them."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from moongate.config.model_base import StrictModel

_REALM: Final = re.compile(r"[ !#-\[\]-~]{1,200}\Z")


def _checked_realm(value: str) -> str:
    if not _REALM.match(value):
        raise ValueError("a realm is printable ASCII without quotes and backslashes, as in Warehouse")
    return value


class BasicConfig(StrictModel):
    """Names and passwords (RFC 7617, Basic). A right name is the client's id."""

    users: Annotated[str, Field(min_length=1)]
    """Lines NAME:HASH as `htpasswd -B` writes them, best as ${file:PATH}. Hashes are bcrypt or Argon2id."""
    realm: Annotated[str, AfterValidator(_checked_realm)] = "moongate"
    """What a browser shows to whoever is asked for a password."""
    known_to_accounts: bool = False
    """Whether accounts must know the client, which then has its grants and plan."""
