"""The fields ``Signature-Input`` and ``Signature`` (RFC 9421 section 4), read; http-sf knows structured fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import http_sf

from moongate.core.message import fields_of

if TYPE_CHECKING:
    from collections.abc import Container

INPUT: Final = b"signature-input"
SIGNATURE: Final = b"signature"
MAX_BYTES: Final = 2048  # of a field; reading so much takes 0.5 ms


class SignatureRefused(Exception):  # noqa: N818 - a verdict about somebody's request
    """A signature that proves nothing; the message is the reason for the log."""


class Signature(NamedTuple):
    """``covered`` are the components in their order, ``parameters`` all of that as it stands in the signature base;
    times in seconds since 1970."""

    covered: tuple[str, ...]
    parameters: bytes
    key_id: str
    created: int
    expires: int | None
    algorithm: str | None
    octets: bytes


def all_of(lines: bytes, name: bytes) -> bytes | None:
    """All values of field ``name`` (given in lower case) as one (RFC 9110 section 5.3); None where there are none."""
    values = [value for each, value in fields_of(lines) if each.lower() == name]
    return b", ".join(values) if values else None


def dictionary(value: bytes | None, reason: str) -> dict[str, Any]:
    """A structured field that is a dictionary (RFC 9651 section 3.2). Raises SignatureRefused."""
    if value is None or len(value) > MAX_BYTES:
        raise SignatureRefused(reason)
    try:
        read: Any = http_sf.parse(value, tltype="dictionary")
    except ValueError:
        raise SignatureRefused(reason) from None
    assert isinstance(read, dict)
    return read


def read_signature(lines: bytes, known: Container[str]) -> Signature:
    """The first signature by a ``known`` key: others may be for others. Raises SignatureRefused."""
    inputs = dictionary(all_of(lines, INPUT), "signature_malformed")
    shown = dictionary(all_of(lines, SIGNATURE), "signature_malformed")
    for label, said in inputs.items():
        components, parameters = said
        key_id = parameters.get("keyid")
        if isinstance(components, list) and isinstance(key_id, str) and key_id in known:
            octets = shown.get(label, (None,))[0]
            if not isinstance(octets, bytes):
                raise SignatureRefused("signature_malformed")
            return _read(components, parameters, octets)
    raise SignatureRefused("signature_key")


def _read(components: list[tuple[Any, dict[str, Any]]], parameters: dict[str, Any], octets: bytes) -> Signature:
    covered: list[str] = []
    for name, variants in components:
        if variants or not isinstance(name, str) or name in covered or name != name.lower():
            raise SignatureRefused("signature_component")
        covered.append(name)
    member: Any = (components, parameters)
    written = http_sf.ser({"x": member}).removeprefix("x=").encode("ascii")
    created = _date(parameters, "created")
    if created is None:
        raise SignatureRefused("signature_created")
    expires, algorithm = _date(parameters, "expires"), parameters.get("alg")
    return Signature(tuple(covered), written, parameters["keyid"], created, expires, algorithm, octets)


def _date(parameters: dict[str, Any], name: str) -> int | None:
    value = parameters.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise SignatureRefused("signature_created")
