"""By which keys sessions of browsers are sealed: those that the config says, or one that is made here once and kept."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Final

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from moongate.control.accounts.place import PlaceInvalid
from moongate.control.tokens.files import read_file, write_file

if TYPE_CHECKING:
    from moongate.core.login_plans import LoginsPlan

_KEY_BYTES: Final = 32
_ABOUT: Final = b"moongate: cookies of sessions"
_WHAT: Final = "the key for sessions"


class _File(msgspec.Struct):
    """Each of 32 octets, in base64; the first seals, all open."""

    keys: list[str]


def session_keys(plan: LoginsPlan) -> list[bytes]:
    """The first seals, all open. Raises PlaceInvalid where one can not be kept."""
    if plan.secrets:
        return [HKDF(SHA256(), _KEY_BYTES, None, _ABOUT).derive(secret.encode()) for secret in plan.secrets]
    content = read_file(plan.keys, _WHAT)
    if content is None:
        key = os.urandom(_KEY_BYTES)
        write_file(plan.keys, msgspec.json.encode(_File([base64.b64encode(key).decode()])), _WHAT)
        return [key]
    try:
        keys = [base64.b64decode(each, validate=True) for each in msgspec.json.decode(content, type=_File).keys]
    except (msgspec.DecodeError, ValueError, RecursionError):
        keys = []
    if not keys or any(len(each) != _KEY_BYTES for each in keys):
        raise PlaceInvalid(f"{plan.keys} holds no keys that sessions could be sealed with: move it away for a new one")
    return keys
