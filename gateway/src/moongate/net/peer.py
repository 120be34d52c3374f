"""Who a peer is: its address, and what its certificate says, once TLS has verified it."""

from __future__ import annotations

import re
import ssl
from typing import Any, Final

from moongate.core.exchange import PeerCertificate

_SHORT: Final = {  # RFC 4514 section 3
    "commonName": "CN",
    "countryName": "C",
    "domainComponent": "DC",
    "localityName": "L",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "stateOrProvinceName": "ST",
    "streetAddress": "STREET",
    "userId": "UID",
}
_KINDS: Final = {"DNS": "san_dns", "URI": "san_uri", "email": "san_email"}
# RFC 4514 section 2.4: else a CN could hold what reads as another attribute.
_ESCAPED: Final = re.compile(r'["+,;<=>\\]|^[ #]| $|\0')
_MAPPED: Final = "::ffff:"


def peer_address(peername: Any) -> str:
    """The address in what a socket says of its peer; empty where it says nothing.

    A socket for both families, as systemd binds them to ``[::]``, writes IPv4 as ``::ffff:192.0.2.7`` (RFC 4291 section
    2.5.5.2): the same client as ``192.0.2.7``, and not in one network with all others.
    """
    address = str(peername[0]) if peername else ""
    return address.removeprefix(_MAPPED) if "." in address else address


def peer_certificate(shown: dict[str, Any] | None) -> PeerCertificate | None:
    """A verified certificate as `ssl` tells it; None where the peer showed none."""
    if not shown:
        return None
    names = [("subject", subject_of(shown))]
    names += [(_KINDS[kind], value) for kind, value in shown.get("subjectAltName", ()) if kind in _KINDS]
    return PeerCertificate(tuple(names), float(ssl.cert_time_to_seconds(shown["notAfter"])))


def subject_of(shown: dict[str, Any]) -> str:
    """Its subject, as ``CN=...,O=...`` (RFC 4514 section 2)."""
    groups = reversed(shown.get("subject", ()))
    return ",".join("+".join(f"{_SHORT.get(kind, kind)}={_escaped(value)}" for kind, value in each) for each in groups)


def _escaped(value: str) -> str:
    return _ESCAPED.sub(lambda found: "\\00" if found[0] == "\0" else "\\" + found[0], value)
