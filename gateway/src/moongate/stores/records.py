"""What accounts says of a client, decoded once: an immutable record that is replaced whole.

The wire's members stand in the document of the feed (``docs/accounts-feed.md``). Members that are not known are passed
over, so that accounts may learn to say more; one that has another type makes the record unreadable.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final, Literal, TypeVar

import msgspec

from moongate.protocol.api_key import MAC_BYTES

T = TypeVar("T")

ACTIVE: Final = "active"


class Grant(msgspec.Struct, frozen=True):
    """What may be done: ``resource`` is a pattern of segments, ``query`` what is forced on a request that it allows."""

    resource: str
    actions: tuple[str, ...]
    effect: Literal["allow", "deny"] = "allow"
    expires_at: int | None = None
    query: dict[str, str] = {}


class Rate(msgspec.Struct, frozen=True):
    """``requests`` in any ``seconds``."""

    requests: int
    seconds: int


class Quota(msgspec.Struct, frozen=True):
    """``requests`` in each period of the calendar, in UTC."""

    requests: int
    period: Literal["hour", "day", "month"]


class Plan(msgspec.Struct, frozen=True):
    """How much a client may ask."""

    name: str
    rate: Rate | None = None
    burst: int = 0
    quota: Quota | None = None
    concurrency: int | None = None


class KeyRecord(msgspec.Struct, frozen=True):
    """An API key. ``id`` is its public part, ``mac`` what proves the rest; times in seconds since 1970."""

    id: bytes
    mac: bytes
    pepper: int
    scopes: tuple[str, ...]
    expires_at: int | None
    revoked_at: int | None

    def is_live(self, now: int) -> bool:
        """Whether it may be used. A revoked key may not, whatever the time: clocks differ, a revocation does not."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class ClientRecord(msgspec.Struct, eq=False):
    """A client, with its roles' grants behind its own in the order that decides which of them allows.

    ``plan`` is None where it has none; ``revoked_tokens`` are ids (jti). ``compiled`` is for whoever decides by the
    grants: what is put there is gone when the record is replaced.
    """

    id: str
    name: str
    status: str
    not_before: int
    plan: Plan | None
    labels: dict[str, str]
    keys: tuple[KeyRecord, ...]
    subjects: tuple[str, ...]
    revoked_tokens: frozenset[str]
    grants: tuple[Grant, ...]
    compiled: object | None = None

    @property
    def is_active(self) -> bool:
        return self.status == ACTIVE


class Known(msgspec.Struct, frozen=True, eq=False):
    """A key with the client whose it is."""

    client: ClientRecord
    key: KeyRecord


class KeyWire(msgspec.Struct):
    """A key as accounts says it; ``mac`` in base64url."""

    id: str
    mac: str
    pepper: int
    scopes: tuple[str, ...] = ()
    expires_at: int | None = None
    revoked_at: int | None = None


class CertificateWire(msgspec.Struct):
    subject: str


class RevokedTokenWire(msgspec.Struct):
    jti: str
    exp: int = 0


class ClientWire(msgspec.Struct):
    """A client as accounts says it."""

    id: str
    name: str = ""
    status: str = ACTIVE
    not_before: int = 0
    plan: str | None = None
    roles: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    keys: tuple[KeyWire, ...] = ()
    certificates: tuple[CertificateWire, ...] = ()
    revoked_tokens: tuple[RevokedTokenWire, ...] = ()
    grants: tuple[Grant, ...] = ()


class RoleWire(msgspec.Struct):
    name: str
    grants: tuple[Grant, ...] = ()


class PepperWire(msgspec.Struct):
    """A pepper as accounts says it; ``secret`` in base64url."""

    version: int
    secret: str


class Unreadable(Exception):  # noqa: N818 - a verdict about somebody else's record
    """A record that is none; says why."""


_CLIENT: Final = msgspec.json.Decoder(ClientWire)
_ROLE: Final = msgspec.json.Decoder(RoleWire)
_PLAN: Final = msgspec.json.Decoder(Plan)
_PEPPER: Final = msgspec.json.Decoder(PepperWire)
_PEPPER_BYTES: Final = 32


def read_client(raw: bytes | msgspec.Raw) -> tuple[ClientWire, tuple[KeyRecord, ...]]:
    """A client of the wire, with its keys decoded. Raises Unreadable."""
    wire = _read(_CLIENT, raw)
    try:
        return wire, tuple(_key(key) for key in wire.keys)
    except ValueError as error:
        raise Unreadable(str(error)) from None


def read_role(raw: bytes | msgspec.Raw) -> RoleWire:
    """Raises Unreadable."""
    return _read(_ROLE, raw)


def read_plan(raw: bytes | msgspec.Raw) -> Plan:
    """Raises Unreadable."""
    return _read(_PLAN, raw)


def read_pepper(raw: bytes | msgspec.Raw) -> tuple[int, bytes]:
    """The version and the secret of a pepper. Raises Unreadable, which tells nothing of the secret."""
    wire = _read(_PEPPER, raw)
    try:
        return wire.version, _octets(wire.secret, _PEPPER_BYTES, "a pepper")
    except ValueError as error:
        raise Unreadable(str(error)) from None


def _read(decoder: msgspec.json.Decoder[T], raw: bytes | msgspec.Raw) -> T:
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from None


def _key(wire: KeyWire) -> KeyRecord:
    mac = _octets(wire.mac, MAC_BYTES, "a key's mac")
    return KeyRecord(wire.id.encode("ascii"), mac, wire.pepper, wire.scopes, wire.expires_at, wire.revoked_at)


def _octets(text: str, size: int, what: str) -> bytes:
    try:
        octets = base64.urlsafe_b64decode(text + "==")  # padding beyond what is needed is passed over
    except (binascii.Error, ValueError):
        octets = b""
    if len(octets) != size:
        raise ValueError(f"{what} is not {size} octets in base64url")
    return octets
