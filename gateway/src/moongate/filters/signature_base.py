"""What a signature is about: the components of a request that it covers, as octets (RFC 9421 sections 2 and 2.5).

The path is the canonical one, which is forwarded: what was signed is what the service sees.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moongate.filters.signature_form import SignatureRefused, all_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from moongate.core.exchange import Exchange
    from moongate.core.message import RequestHead
    from moongate.filters.signature_form import Signature

DIGEST: Final = "content-digest"
_PLACES: Final = (frozenset(("@target-uri",)), frozenset(("@authority", "@path", "@query")))
_PORTS: Final = {"http": b":80", "https": b":443"}


def judge_coverage(covered: Collection[str], *, has_body: bool) -> None:
    """Raises SignatureRefused where a part of the request that counts could be exchanged for another."""
    names = frozenset(covered)
    if "@method" not in names or not any(place <= names for place in _PLACES) or (has_body and DIGEST not in names):
        raise SignatureRefused("signature_coverage")


def signature_base(exchange: Exchange, signature: Signature) -> bytes:
    """Raises SignatureRefused for a component that the request does not have."""
    lines = [b'"%b": %b\n' % (name.encode("ascii"), component(exchange, name)) for name in signature.covered]
    return b'%b"@signature-params": %b' % (b"".join(lines), signature.parameters)


def component(exchange: Exchange, name: str) -> bytes:
    """The value of one. Raises SignatureRefused."""
    head = exchange.head
    assert head is not None
    if name.startswith("@"):
        derive = _DERIVED.get(name)
        value = None if derive is None else derive(head, exchange.scheme)
    elif name == "content-length":
        value = b"%d" % head.section.content_length if head.section.content_length >= 0 else None
    elif name == "host":
        value = head.section.authority
    else:
        value = all_of(head.section.lines, name.encode("ascii"))
    if value is None or not value.isascii():  # section 2.5: the base is ASCII
        raise SignatureRefused("signature_component")
    return value


def _authority(head: RequestHead, scheme: str) -> bytes:
    """Section 2.2.3: in lower case, without the port that goes without saying."""
    return head.section.authority.lower().removesuffix(_PORTS[scheme])


_DERIVED: Final[Mapping[str, Callable[[RequestHead, str], bytes]]] = {
    "@method": lambda head, _: head.method,
    "@authority": _authority,
    "@scheme": lambda _, scheme: scheme.encode("ascii"),
    "@path": lambda head, _: head.path,
    "@query": lambda head, _: head.query or b"?",
    "@request-target": lambda head, _: head.path + head.query,
    "@target-uri": lambda head, scheme: (
        b"%b://%b%b%b" % (scheme.encode("ascii"), _authority(head, scheme), head.path, head.query)
    ),
}
