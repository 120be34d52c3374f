"""What a request is about, as grants name it: segments made of a route's template and the request's path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Resource: TypeAlias = tuple[bytes, ...]

ACTIONS: Final = {
    b"GET": "read",
    b"HEAD": "read",
    b"OPTIONS": "read",
    b"POST": "create",
    b"PUT": "update",
    b"PATCH": "update",
    b"DELETE": "delete",
}
"""What a method does, where a route does not say otherwise."""


@dataclass(frozen=True, slots=True)
class ResourcePlan:
    """A route's template. ``parts`` are literal segments, or the place of the path's segment that is put in; what
    stands behind one that is absent is left out. ``text`` as written; ``actions`` are those unlike ACTIONS."""

    text: str
    parts: tuple[bytes | int, ...]
    actions: tuple[tuple[bytes, str], ...] = ()

    def describe(self) -> dict[str, Any]:
        said: dict[str, Any] = {"resource": self.text}
        if self.actions:
            said["actions"] = {method.decode(): action for method, action in self.actions}
        return said

    def of(self, path: bytes) -> Resource:
        """The resource that the canonical ``path``, which the route takes, is about."""
        given = path[1:].split(b"/")
        resource: list[bytes] = []
        for part in self.parts:
            if isinstance(part, bytes):
                resource.append(part)
                continue
            segment = given[part] if part < len(given) else b""
            if not segment:
                break
            resource.append(segment)
        return tuple(resource)

    def action(self, method: bytes) -> str:
        """What ``method`` does; an unusual one is its own action, in lower case."""
        own = dict(self.actions).get(method) if self.actions else None
        return own or ACTIONS.get(method) or method.decode("ascii").lower()
