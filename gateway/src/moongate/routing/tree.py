"""The routes of one host: whole literal paths in a dict, all others in a trie by segments.

Each lookup costs as many steps as the path has segments, whatever the number of routes; only where routes differ in
how specific they are is a second branch tried. `walk` is on the path of every request: it makes no objects but the
list of segments, unless branches compete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from moongate.routing.pattern import Kind, PathPattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from moongate.core.message import RequestHead
    from moongate.routing.match import Condition, Match

T = TypeVar("T")


class Entry(Generic[T]):
    """A target under one host; ``rank`` is its place in match order, smaller is more specific."""

    __slots__ = ("conditions", "match", "methods", "rank", "target")

    def __init__(self, match: Match, target: T, rank: int) -> None:
        self.match = match
        self.target = target
        self.rank = rank
        self.methods = match.accepted_methods
        self.conditions: tuple[Condition, ...] | None = match.conditions or None

    def conditions_hold(self, head: RequestHead) -> bool:
        """Whether ``head`` meets all conditions on headers and query."""
        return self.conditions is None or all(condition.holds(head) for condition in self.conditions)


def first_accepting(entries: tuple[Entry[T], ...], head: RequestHead) -> Entry[T] | None:
    """The first of ``entries``, whose host and path match already, that takes ``head``'s method and fields."""
    for entry in entries:
        if (entry.methods is None or head.method in entry.methods) and (
            entry.conditions is None or entry.conditions_hold(head)
        ):
            return entry
    return None


Accept: TypeAlias = "Callable[[tuple[Entry[T], ...], RequestHead], Entry[T] | None]"
"""Chooses among entries whose host and path match; `first_accepting` is the one that routes."""


class Node(Generic[T]):
    """One place in the trie: what may come next, and the entries that end or tail off here, in match order."""

    __slots__ = ("any", "choices", "ends", "literals", "tails")

    def __init__(self) -> None:
        self.literals: dict[bytes, Node[T]] | None = None
        self.choices: dict[bytes, tuple[Node[T], ...]] | None = None
        self.any: Node[T] | None = None
        self.ends: tuple[Entry[T], ...] = ()
        self.tails: tuple[Entry[T], ...] = ()


class Tree(Generic[T]):
    """All entries of one host. Entries are inserted in match order."""

    __slots__ = ("_choice_nodes", "_literals", "_root")

    def __init__(self) -> None:
        self._literals: dict[bytes, tuple[Entry[T], ...]] = {}
        self._root: Node[T] = Node()
        self._choice_nodes: dict[tuple[int, tuple[bytes, ...]], Node[T]] = {}

    def insert(self, entry: Entry[T]) -> None:
        """Add an entry that is no more specific than those inserted before."""
        pattern = entry.match.path
        literal = pattern.literal
        if literal is not None:
            self._literals[literal] = (*self._literals.get(literal, ()), entry)
            return
        node = self._place(pattern)
        if pattern.tail:
            node.tails = (*node.tails, entry)
        else:
            node.ends = (*node.ends, entry)

    def find(self, head: RequestHead, accept: Accept[T] = first_accepting) -> Entry[T] | None:
        """The most specific entry that ``accept`` takes, or None."""
        path = head.path
        entries = self._literals.get(path)
        if entries is not None:
            entry = accept(entries, head)
            if entry is not None:
                return entry
        if path[:1] != b"/":
            return None
        return _walk(self._root, 1, path.split(b"/"), head, accept)

    def _place(self, pattern: PathPattern) -> Node[T]:
        node = self._root
        for segment in pattern.segments:
            if segment.kind is Kind.LITERAL:
                node.literals = node.literals or {}
                node = node.literals.setdefault(segment.values[0], Node())
            elif segment.kind is Kind.CHOICE:
                node = self._choice(node, segment.values)
            else:
                if node.any is None:
                    node.any = Node()
                node = node.any
        return node

    def _choice(self, node: Node[T], values: tuple[bytes, ...]) -> Node[T]:
        """The child for this set of alternatives; sets that share a value stand side by side under it."""
        key = (id(node), tuple(sorted(values)))
        child = self._choice_nodes.get(key)
        if child is None:
            child = self._choice_nodes[key] = Node()
            node.choices = node.choices or {}
            for value in values:
                node.choices[value] = (*node.choices.get(value, ()), child)
        return child


def _walk(node: Node[T], index: int, parts: list[bytes], head: RequestHead, accept: Accept[T]) -> Entry[T] | None:
    """The best entry below ``node``, which stands for ``parts[:index]``.

    In the order of specificity: literal, choice, any, then this node's tails. The last branch is followed in the loop,
    a branch that has a rival is tried by recursion. A node is visited at most once for a request and a pattern has at
    most `MAX_SEGMENTS`, so work and depth are bounded by the config, never by the client.
    """
    count = len(parts)
    while index < count:
        part = parts[index]
        index += 1
        tails = node.tails
        literal = None if node.literals is None else node.literals.get(part)
        choices = None if node.choices is None else node.choices.get(part)
        anything = node.any if part else None
        if literal is not None:
            if choices is None and anything is None and not tails:
                node = literal
                continue
            found = _walk(literal, index, parts, head, accept)
            if found is not None:
                return found
        if choices is not None:
            if len(choices) == 1 and anything is None and not tails:
                node = choices[0]
                continue
            found = _best(choices, index, parts, head, accept)
            if found is not None:
                return found
        if anything is None:
            return accept(tails, head)
        if not tails:
            node = anything
            continue
        return _walk(anything, index, parts, head, accept) or accept(tails, head)
    return accept(node.ends, head) or accept(node.tails, head)


def _best(
    nodes: tuple[Node[T], ...], index: int, parts: list[bytes], head: RequestHead, accept: Accept[T]
) -> Entry[T] | None:
    """The best entry below any of ``nodes``, which are equally specific so far."""
    found = [entry for node in nodes if (entry := _walk(node, index, parts, head, accept)) is not None]
    return min(found, key=lambda entry: entry.rank) if found else None
