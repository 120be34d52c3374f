"""Credentials made by machine: the text that is shown once, and the code kept in its place.

    mg_<env>_<id>_<secret><checksum>    an API key: of a client
    mgw_<id>_<secret><checksum>         of a gateway
    mga_<id>_<secret><checksum>         of an admin
    mgs_<id>_<secret><checksum>         of a client, for the token endpoint

The secret has 190 bits of chance, so a keyed hash without stretching is as strong as the key: guessing is hopeless, and
checking costs microseconds. The key of the hash, the pepper, is not in the database; a copy of the database is worth
nothing without it. What is stored is never accepted as a credential, since it lacks prefix, form and checksum.
"""

import hashlib
import hmac
import re
import zlib
from dataclasses import dataclass
from typing import Final

from accounts.domain.errors import InvalidValueError
from accounts.domain.ids import base62, random_text

ENV_PATTERN = r"^[a-z0-9]{1,16}$"
ENV_RULE = "must be 1 to 16 lower-case letters and digits, such as live or test"
KEY_ID_PATTERN = r"^[0-9A-Za-z]{12}$"
ID_LENGTH: Final = 12
SECRET_LENGTH: Final = 32
CHECKSUM_LENGTH: Final = 6
MAC_OCTETS: Final = 16
PEPPER_OCTETS: Final = 32
KEY_PREFIX, GATEWAY_PREFIX, ADMIN_PREFIX, SECRET_PREFIX = "mg", "mgw", "mga", "mgs"
MAX_TEXT: Final = 96
_ENV, _KEY_ID = re.compile(ENV_PATTERN, re.ASCII), re.compile(KEY_ID_PATTERN, re.ASCII)
_FORM = re.compile(
    rf"(?P<prefix>mg_[a-z0-9]{{1,16}}|mgw|mga|mgs)_(?P<id>[0-9A-Za-z]{{{ID_LENGTH}}})"
    rf"_[0-9A-Za-z]{{{SECRET_LENGTH}}}(?P<checksum>[0-9A-Za-z]{{{CHECKSUM_LENGTH}}})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Secret:
    """What is kept of a credential: its code under the pepper of that version."""

    mac: bytes
    pepper: int


@dataclass(frozen=True, slots=True)
class Presented:
    """A credential that somebody shows: well-formed, its checksum right, and nothing else known of it."""

    prefix: str
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Pepper:
    """A key of the keyed hash. The newest version makes new credentials, the others verify old ones."""

    version: int
    secret: bytes

    @property
    def fingerprint(self) -> str:
        """Names the pepper without telling it: the database remembers which peppers it needs."""
        return hashlib.sha256(b"accounts pepper" + self.secret).hexdigest()[:16]


def new_text(prefix: str) -> tuple[str, str]:
    """A fresh id and the whole text of a credential; the `prefix` of a key includes its env, as in `mg_live`."""
    ident = random_text(ID_LENGTH)
    body = f"{prefix}_{ident}_{random_text(SECRET_LENGTH)}"
    return ident, body + checksum(body)


def checksum(body: str) -> str:
    """CRC-32 (ISO-HDLC) as base62: a typing error is found without a look-up, and scanners know a key by it."""
    return base62(zlib.crc32(body.encode("ascii")), CHECKSUM_LENGTH)


def parse_text(text: str) -> Presented | None:
    """The credential in `text`, or None when it is none of ours."""
    if len(text) > MAX_TEXT or (found := _FORM.fullmatch(text)) is None:
        return None
    if not hmac.compare_digest(checksum(text[:-CHECKSUM_LENGTH]), found["checksum"]):
        return None
    return Presented(found["prefix"], found["id"], text)


def code(text: str, pepper: Pepper) -> Secret:
    """What is kept of a credential's text."""
    mac = hmac.digest(pepper.secret, text.encode("ascii"), hashlib.sha256)[:MAC_OCTETS]
    return Secret(mac, pepper.version)


def is_code_of(text: str, kept: Secret, pepper: Pepper) -> bool:
    """Whether `text` is the credential behind `kept`, in constant time."""
    return hmac.compare_digest(code(text, pepper).mac, kept.mac)


def check_env(env: str) -> None:
    """Raises InvalidValueError for what cannot be the env of a key."""
    if not _ENV.fullmatch(env):
        raise InvalidValueError("env", "bad_env", ENV_RULE)


def is_key_id(text: str) -> bool:
    """Whether `text` could be the public id of a key."""
    return _KEY_ID.fullmatch(text) is not None
