"""Head in, target out: hosts first, then the tree of that host; and why a request has no route.

`Router.find` is called once for every request, so it is synchronous and makes nothing it need not make.
Measured on 2 cores, CPython 3.11, the same with 10 and with 10,000 routes: 0.25 us for a literal path, 0.6 to 0.9 us
for placeholders and tails, 1.1 us to learn that nothing matches. 10,000 routes build in 0.15 s and hold 6 MB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from moongate.core.errors import BAD_REQUEST, METHOD_NOT_ALLOWED, ROUTE_NOT_FOUND
from moongate.core.message import RequestHead
from moongate.protocol.http1.target import PERCENT, SEMICOLON, without_parameters
from moongate.routing.pattern import plain
from moongate.routing.tree import Accept, Entry, Tree, first_accepting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from moongate.core.errors import Failure
    from moongate.routing.match import HostPattern, Match

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Miss:
    """No route: what is answered, the log's ``reason``, and where it is the method's fault, those that some route
    takes, sorted."""

    failure: Failure
    reason: str
    allowed: tuple[bytes, ...] = ()

    @property
    def code(self) -> str:
        return self.failure.code


NOT_FOUND = Miss(ROUTE_NOT_FOUND, "no_route")
AMBIGUOUS = Miss(BAD_REQUEST, "bad_path")  # another route's, to a service that strips ;parameters


@dataclass(frozen=True, slots=True)
class Verdict(Generic[T]):
    """How one route fared against a head: whether it ``won``, the ``reason`` in words, and what it lost ``by``.

    ``by`` is empty for the winner and for what only the winner keeps from winning.
    """

    target: T
    won: bool
    reason: str
    by: Literal["", "host", "path", "method", "header", "query"] = ""


class Router(Generic[T]):
    """All routes, compiled. Immutable once built, shared by every request of a snapshot."""

    __slots__ = ("_anywhere", "_entries", "_exact", "_wildcard_depth", "_wildcards")

    def __init__(self, routes: Iterable[tuple[Match, T]]) -> None:
        """``routes`` in any order; of two equally specific ones the earlier wins (`Match.ties` tells beforehand)."""
        under_host: list[tuple[HostPattern | None, Match, T]] = [
            (host, match, target) for match, target in routes for host in (match.hosts or (None,))
        ]
        under_host.sort(key=lambda each: each[1].order(each[0]))
        self._anywhere: Tree[T] = Tree()
        self._exact: dict[bytes, Tree[T]] = {}
        self._wildcards: dict[bytes, Tree[T]] = {}
        self._entries: list[tuple[HostPattern | None, Entry[T]]] = []
        for rank, (host, match, target) in enumerate(under_host):
            entry = Entry(match, target, rank)
            self._entries.append((host, entry))
            self._tree_of(host).insert(entry)
        self._wildcard_depth = max((name.count(b".") + 1 for name in self._wildcards), default=0)

    def find(self, head: RequestHead) -> T | Miss:
        """The target of the most specific route that accepts ``head``, or why there is none."""
        path = head.path
        if PERCENT in path or SEMICOLON in path:
            return self._find_spelled(head)
        is_alike = not (self._exact or self._wildcards)  # for all hosts, as with most configs
        entry = self._anywhere.find(head) if is_alike else self._find(head, first_accepting)
        return self._miss(head) if entry is None else entry.target

    def _find_spelled(self, head: RequestHead) -> T | Miss:
        """For a path that can be read in several ways: escapes that say nothing are undone, and where it would be
        another route's without ``;parameters`` (Tomcat and Spring take ``/admin;x/users`` for ``/admin/users``), nobody
        can tell whose it is."""
        head = _at(head, plain(head.path))
        entry = self._find(head, first_accepting)
        if b";" in head.path and self._find(_at(head, without_parameters(head.path)), first_accepting) is not entry:
            return AMBIGUOUS
        return self._miss(head) if entry is None else entry.target

    def __iter__(self) -> Iterator[T]:
        """Every target once, in match order: the first that accepts a request is the one `find` returns."""
        seen: set[int] = set()
        for _, entry in self._entries:
            if id(entry.match) not in seen:
                seen.add(id(entry.match))
                yield entry.target

    def explain(self, head: RequestHead) -> list[Verdict[T]]:
        """Every route under each of its hosts, in match order, with the reason why it lost or won."""
        verdicts: list[Verdict[T]] = []
        won = False
        for host, entry in self._entries:
            refusal = _refusal(host, entry, head)
            if refusal is not None:
                verdicts.append(refusal)
            elif won:
                verdicts.append(Verdict(entry.target, False, "less specific than the winner"))
            else:
                won = True
                verdicts.append(Verdict(entry.target, True, "the most specific that accepts the request"))
        return verdicts

    def _tree_of(self, host: HostPattern | None) -> Tree[T]:
        if host is None:
            return self._anywhere
        return (self._wildcards if host.wildcard else self._exact).setdefault(host.name, Tree())

    def _wildcard_trees(self, host: bytes) -> Iterator[Tree[T]]:
        """The trees of the wildcards that accept ``host``, deepest first."""
        labels = host.rsplit(b".", self._wildcard_depth)
        for start in range(1, len(labels)):
            tree = self._wildcards.get(b".".join(labels[start:]))
            if tree is not None and (start > 1 or labels[0]):
                yield tree

    def _find(self, head: RequestHead, accept: Accept[T]) -> Entry[T] | None:
        if self._exact:
            tree = self._exact.get(head.section.host)
            if tree is not None:
                entry = tree.find(head, accept)
                if entry is not None:
                    return entry
        if self._wildcards:
            for tree in self._wildcard_trees(head.host):
                entry = tree.find(head, accept)
                if entry is not None:
                    return entry
        return self._anywhere.find(head, accept)

    def _miss(self, head: RequestHead) -> Miss:
        """Walk once more, accepting nothing, to learn which methods the routes of this path take."""
        allowed: set[bytes] = set()

        def note_methods(entries: tuple[Entry[T], ...], head: RequestHead) -> None:
            for entry in entries:
                if entry.methods is not None and entry.conditions_hold(head):
                    allowed.update(entry.methods)

        self._find(head, note_methods)
        return Miss(METHOD_NOT_ALLOWED, "method", tuple(sorted(allowed))) if allowed else NOT_FOUND


def _at(head: RequestHead, path: bytes) -> RequestHead:
    return RequestHead(head.method, path, head.query, head.section, head.minor)


def _refusal(host: HostPattern | None, entry: Entry[T], head: RequestHead) -> Verdict[T] | None:
    """Why ``entry`` refuses ``head``, or None where it accepts it."""
    if host is not None and not host.accepts(head.section.host):
        reason = f"host {head.section.host.decode('latin-1') or '(none)'} is not {host}"
        return Verdict(entry.target, False, reason, "host")
    if not entry.match.path.accepts(head.path):
        return Verdict(entry.target, False, f"path {entry.match.path.text} does not match", "path")
    if entry.methods is not None and head.method not in entry.methods:
        wanted = " or ".join(sorted(method.decode("ascii") for method in entry.methods))
        return Verdict(entry.target, False, f"method {head.method.decode('latin-1')} is not {wanted}", "method")
    for condition in entry.match.conditions:
        if not condition.holds(head):
            return Verdict(entry.target, False, f"{condition} does not hold", condition.place)
    return None
