"""A route's ``resource``, from its template and the path that it stands beside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from moongate.filters.resource import ResourcePlan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moongate.routing import PathPattern

_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(\?)?\}\Z")
_LITERAL: Final = re.compile(r"[A-Za-z0-9._~!$&'()+,;=:@%-]+\Z")


def resource_plan(text: str, pattern: PathPattern, actions: Mapping[str, str]) -> ResourcePlan:
    """``text`` as in ``inventory/{kind}/{id?}``. A name stands for the path's segment of that name; names that the path
    does not know stand for the segments that its tail takes, in order, and may be absent: ``{id?}``.

    Raises ValueError, in words.
    """
    known = {segment.name: place for place, segment in enumerate(pattern.segments) if segment.name}
    behind = len(pattern.segments)
    parts: list[bytes | int] = []
    for segment in text.split("/"):
        match = _PLACEHOLDER.match(segment)
        if match is None:
            parts.append(_literal(segment, text))
            continue
        name, optional = match.groups()
        if name in known:
            if optional:
                raise ValueError(f"{{{name}?}}: the path always has {{{name}}}, write it without ?")
            parts.append(known[name])
        elif not pattern.tail:
            raise ValueError(f"{{{name}}}: the path {pattern.text} has nothing called {name!r} and no tail /**")
        elif not optional:
            raise ValueError(f"{{{name}}}: the tail /** may be empty, so this can be absent: write {{{name}?}}")
        else:
            known[name] = behind
            parts.append(behind)
            behind += 1
    return ResourcePlan(text, tuple(parts), tuple((method.encode("ascii"), word) for method, word in actions.items()))


def _literal(segment: str, text: str) -> bytes:
    if not segment:
        raise ValueError(
            f"{text!r}: segments stand between single slashes, and none is empty: inventory/{{kind}}/{{id?}}"
        )
    if "*" in segment:
        raise ValueError(
            f"{segment!r}: patterns stand in grants; a resource names one thing: inventory/{{kind}}/{{id?}}"
        )
    if not _LITERAL.match(segment):
        raise ValueError(f"{segment!r}: a placeholder fills a whole segment, as in {{id}} or {{id?}}")
    return segment.encode("ascii")
