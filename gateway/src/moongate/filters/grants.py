"""Whether a client's grants allow an action on a resource. Deny wins, and what nobody mentioned is denied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol
from urllib.parse import unquote_to_bytes

from moongate.protocol.http1.target import PERCENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from moongate.filters.resource import Resource

ANY: Final = "*"
_ONE: Final = "*"
_REST: Final = "**"
NEVER: Final = float("inf")


class Grant(Protocol):
    """A grant as accounts says it (docs/accounts-feed.md)."""

    @property
    def resource(self) -> str: ...
    @property
    def actions(self) -> tuple[str, ...]: ...
    @property
    def effect(self) -> str: ...
    @property
    def expires_at(self) -> int | None: ...
    @property
    def query(self) -> Mapping[str, str]: ...


class Decision(NamedTuple):
    """``grant`` is the one that decided, None where none speaks of this. ``until``, in seconds since 1970, is when the
    same question may have another answer."""

    is_allowed: bool
    grant: Grant | None = None
    until: float = NEVER


class _Node:
    """A place in the tree of patterns: what comes next, and the grants whose pattern ends here, with their order."""

    __slots__ = ("ending", "following", "one", "rest")

    def __init__(self) -> None:
        self.following: dict[bytes, _Node] = {}
        self.one: _Node | None = None
        self.ending: list[tuple[int, Grant]] = []
        self.rest: list[tuple[int, Grant]] = []


class Grants:
    """Grants in the order that decides which of several applies, as a tree: a question costs a walk along the
    resource, however many there are.

    Segments are compared by the octets that they stand for: whoever writes ``a%40b`` asks a service for the same thing
    as with ``a@b``, and must not walk round a grant with it. No slash is among them, for ``%2F`` is refused.
    """

    __slots__ = ("_root",)

    def __init__(self, grants: Iterable[Grant]) -> None:
        self._root = _Node()
        for order, grant in enumerate(grants):
            self._insert(order, grant)

    def decide(self, resource: Resource, action: str, now: float) -> Decision:
        """``resource`` as the request's path has it; ``now`` in seconds since 1970."""
        until = NEVER
        denying: tuple[int, Grant] | None = None
        allowing: tuple[bool, int, Grant] | None = None
        for order, grant in self._speaking([unquote_to_bytes(each) if PERCENT in each else each for each in resource]):
            if action not in grant.actions and ANY not in grant.actions:
                continue
            expires = grant.expires_at
            if expires is not None:
                if expires <= now:
                    continue
                until = min(until, expires)
            if grant.effect == "deny":
                if denying is None or order < denying[0]:
                    denying = (order, grant)
            elif allowing is None or (bool(grant.query), order) < allowing[:2]:
                allowing = (bool(grant.query), order, grant)
        if denying is not None:
            return Decision(False, denying[1], until)
        return Decision(allowing is not None, allowing and allowing[2], until)

    def _insert(self, order: int, grant: Grant) -> None:
        node = self._root
        segments = grant.resource.split("/")
        has_rest = segments[-1] == _REST
        for segment in segments[:-1] if has_rest else segments:
            if segment == _ONE:
                node.one = node = node.one or _Node()
            else:
                node = node.following.setdefault(unquote_to_bytes(segment), _Node())
        (node.rest if has_rest else node.ending).append((order, grant))

    def _speaking(self, resource: list[bytes]) -> list[tuple[int, Grant]]:
        """The grants whose pattern fits ``resource``; a pattern holds few ``*``, so there are few ways through the
        tree."""
        nodes = [self._root]
        speaking = self._root.rest.copy()
        for segment in resource:
            before, nodes = nodes, []
            for node in before:
                following = node.following.get(segment)
                if following is not None:
                    nodes.append(following)
                    speaking += following.rest
                if node.one is not None:
                    nodes.append(node.one)
                    speaking += node.one.rest
        for node in nodes:
            speaking += node.ending
        return speaking
