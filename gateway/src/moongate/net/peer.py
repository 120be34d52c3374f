"""What the certificate of a peer says, once TLS has verified it."""

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
