"""What a policy is told of a request: as its service would be sent it, and who sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote_to_bytes

from moongate.core.message import fields_of
from moongate.filters.resource import ResourcePlan

if TYPE_CHECKING:
    from collections.abc import Collection

    from moongate.core.exchange import Exchange

_ACTIONS: Final = ResourcePlan("", ())  # what methods do where the route does not say


def policy_input(exchange: Exchange, resource: ResourcePlan | None, headers: Collection[str]) -> dict[str, Any]:
    """A JSON document. ``resource`` is the route's, if it has one; ``headers`` are the names, in lower case, of the
    fields that the policy may see."""
    head, identity = exchange.head, exchange.identity
    assert head is not None
    record = None if identity is None else identity.record
    query = (head.query if exchange.query is None else exchange.query)[1:].decode("ascii", "replace")
    return {
        "method": head.method.decode("ascii"),
        "path": head.path.decode("ascii"),
        "segments": [_read(segment) for segment in head.path.split(b"/") if segment],
        "host": head.host.decode("ascii", "replace"),
        "query": parse_qs(query, keep_blank_values=True),
        "headers": _headers(exchange, headers),
        "client": None if identity is None else identity.client,
        "scopes": [] if identity is None else sorted(identity.scopes),
        "claims": {} if identity is None else dict(identity.claims),
        "plan": None if record is None or record.plan is None else record.plan.name,
        "labels": {} if record is None else record.labels,
        "resource": None if resource is None else "/".join(map(_read, resource.of(head.path))),
        "action": (resource or _ACTIONS).action(head.method),
    }


def _read(segment: bytes) -> str:
    """What a service reads there, as grants are compared: whoever writes ``a%40b`` asks for ``a@b``, and must not walk
    round a policy with it. Neither a slash nor a backslash is among it, for both are refused."""
    return unquote_to_bytes(segment).decode("utf-8", "backslashreplace")


def _headers(exchange: Exchange, names: Collection[str]) -> dict[str, str]:
    if not names:
        return {}
    assert exchange.head is not None
    lines = exchange.head.section.lines
    said: dict[str, str] = {}
    for raw_name, raw_value in fields_of(lines if exchange.edits is None else exchange.edits.apply(lines)):
        name = raw_name.decode("ascii").lower()
        if name in names:
            value = raw_value.decode("utf-8", "replace")
            said[name] = f"{said[name]}, {value}" if name in said else value  # RFC 9110 section 5.3
    return said
