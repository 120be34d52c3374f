"""Who the client is, as far as its peer can be believed (X-Forwarded-*, Forwarded; RFC 7239).

From a stranger these fields are dropped and written anew: trusting them by default let callers walk past address rules
(Envoy CVE-2024-45806, APISIX CVE-2022-24112). From a trusted proxy they are kept and continued.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, TypeAlias

from moongate.core.fields import FORWARDING
from moongate.protocol.http1.encode import field_lines

if TYPE_CHECKING:
    from moongate.core.edits import FieldEdits
    from moongate.core.message import RequestHead
    from moongate.core.ports import Downstream

Networks: TypeAlias = tuple[IPv4Network | IPv6Network, ...]


@lru_cache(maxsize=4096)
def is_trusted(address: str, trusted: Networks) -> bool:
    """Whether ``address`` lies in one of the ``trusted`` networks; what is no address does not."""
    parsed = _parsed(address.partition("%")[0])  # the zone of a peer on the same link
    return parsed is not None and any(parsed in network for network in trusted)


def client_address(head: RequestHead, peer: str, trusted: Networks) -> str:
    """The right-most address of X-Forwarded-For that is not itself a trusted proxy; the peer's where there is none."""
    if not trusted or not is_trusted(peer, trusted):
        return peer
    address = peer
    for hop in reversed(_forwarded_for(head)):
        parsed = _parsed(hop)
        if parsed is None:
            break
        address = str(parsed)
        if not is_trusted(address, trusted):
            break
    return address


def client_scheme(head: RequestHead, downstream: Downstream, trusted: Networks) -> str:
    """How the client spoke, as far as its peer can be believed: to a proxy that is trusted, or to us."""
    if trusted and is_trusted(downstream.peer, trusted):
        said = dict(reversed(head.section.forwarding or [])).get(b"x-forwarded-proto", b"").lower()
        if said in (b"http", b"https"):
            return said.decode("ascii")
    return downstream.scheme


def client_authority(head: RequestHead, downstream: Downstream, trusted: Networks) -> bytes:
    """Which host and port the client spoke to, as far as its peer can be believed."""
    if trusted and is_trusted(downstream.peer, trusted):
        return dict(reversed(head.section.forwarding or [])).get(b"x-forwarded-host", head.section.authority)
    return head.section.authority


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """One address however it is written, or None; a zone (``fe80::1%eth0``) means nothing on another machine."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    return None if address.scope_id is not None else address.ipv4_mapped or address


def forwarded_lines(
    head: RequestHead, downstream: Downstream, authority: bytes, trusted: Networks, edits: FieldEdits | None = None
) -> bytes:
    """What the service is told of the way that the request came, as whole field lines, after ``edits`` of filters."""
    if trusted and is_trusted(downstream.peer, trusted):
        return trusted_lines(head, downstream.peer, downstream.scheme, edits)
    if not downstream.forwarded:
        downstream.forwarded = stranger_lines(downstream.peer, downstream.scheme)
    return downstream.forwarded + authority + b"\r\n"


def stranger_lines(peer: str, scheme: str) -> bytes:
    """The fields for a peer that is not trusted, up to the value of X-Forwarded-Host. The same for a whole
    connection."""
    return b"X-Forwarded-For: %b\r\nX-Forwarded-Proto: %b\r\nX-Forwarded-Host: " % (
        peer.encode("ascii"),
        scheme.encode("ascii"),
    )


def trusted_lines(head: RequestHead, peer: str, scheme: str, edits: FieldEdits | None = None) -> bytes:
    """The fields for a trusted peer: what it said, continued by its own address; others of X-Forwarded-*, as -Prefix,
    as they came, but for those that filters have set or removed."""
    changed = frozenset() if edits is None else edits.drops
    hops = [*_forwarded_for(head), peer]
    said = dict(reversed(head.section.forwarding or []))
    fields = [
        (b"X-Forwarded-For", ", ".join(hops).encode("latin-1")),
        (b"X-Forwarded-Proto", said.get(b"x-forwarded-proto", scheme.encode("ascii"))),
        (b"X-Forwarded-Host", said.get(b"x-forwarded-host", head.section.authority)),
    ]
    if b"x-forwarded-port" in said:
        fields.append((b"X-Forwarded-Port", said[b"x-forwarded-port"]))
    if b"forwarded" in said:
        node = f'"[{peer}]"' if ":" in peer else peer
        earlier = b", ".join(value for kind, value in head.section.forwarding or [] if kind == b"forwarded")
        fields.append((b"Forwarded", earlier + f", for={node};proto={scheme}".encode("ascii")))
    others = [each for each in head.section.forwarding or [] if each[0] not in FORWARDING and each[0] not in changed]
    fields += [(kind.title(), value) for kind, value in others]
    return field_lines(fields)


def _forwarded_for(head: RequestHead) -> list[str]:
    values = [value.decode("latin-1") for kind, value in head.section.forwarding or [] if kind == b"x-forwarded-for"]
    return [hop for hop in (part.strip() for part in ",".join(values).split(",")) if hop]
