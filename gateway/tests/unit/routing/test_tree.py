"""The trie under one host: backtracking in the order of specificity, and work bounded by the config."""

from __future__ import annotations

import pytest

from gateway_harness.heads import make_head
from moongate.routing.match import Match
from moongate.routing.pattern import MAX_SEGMENTS, PathPattern
from moongate.routing.tree import Entry, Tree


def tree_of(*patterns: str) -> Tree[str]:
    tree: Tree[str] = Tree()
    parsed = sorted((PathPattern.parse(pattern) for pattern in patterns), key=lambda pattern: pattern.order)
    for rank, pattern in enumerate(parsed):
        tree.insert(Entry(Match(pattern), pattern.text, rank))
    return tree


def find(tree: Tree[str], path: str) -> str | None:
    entry = tree.find(make_head("GET", path))
    return None if entry is None else entry.target


@pytest.mark.parametrize(
    ("patterns", "path", "winner"),
    [
        (["/a/b", "/a/{x}"], "/a/b", "/a/b"),
        (["/a/b/c", "/a/{x}/d"], "/a/b/d", "/a/{x}/d"),
        (["/a/b/c", "/{x}/b/d", "/**"], "/a/b/d", "/{x}/b/d"),
        (["/a/b/c", "/a/**", "/{x}/b/d"], "/a/b/d", "/a/**"),
        (["/a/{k:b|c}/x", "/a/b/y", "/a/{z}/w"], "/a/b/x", "/a/{k:b|c}/x"),
        (["/a/{k:b|c}/x", "/a/b/y", "/a/{z}/w"], "/a/b/w", "/a/{z}/w"),
        (["/{k:a|b}/x", "/{l:b|c}/{y}"], "/b/x", "/{k:a|b}/x"),
        (["/{k:a|b}/{x}/**", "/{l:b|c}/{y}"], "/b/q", "/{l:b|c}/{y}"),
        (["/{k:a|b}/x", "/{l:b|c}/y", "/{any}/z"], "/b/z", "/{any}/z"),
        (["/a/**", "/a/{x}"], "/a/", "/a/**"),
        (["/a/**", "/a"], "/a", "/a"),
        (["/a/**", "/a/b/**"], "/a/b", "/a/b/**"),
        (["/a/b/{x}/d/**", "/a/**"], "/a/b/c/e", "/a/**"),
        (["/{x}/"], "/a/", "/{x}/"),
        (["/{x}/"], "/a", None),
        (["/**"], "*", None),
        (["*", "/**"], "*", "*"),
        (["/{x}"], "/", None),
        ([], "/", None),
    ],
)
def test_the_most_specific_wins(patterns: list[str], path: str, winner: str | None) -> None:
    assert find(tree_of(*patterns), path) == winner
    assert find(tree_of(*reversed(patterns)), path) == winner


def test_work_is_bounded_by_the_patterns_not_by_the_path() -> None:
    """Each of 2^10 patterns is tried at most once, however the path tempts the walk to go back."""
    letters = [f"{number:010b}" for number in range(1024)]
    tree = tree_of(
        *("/" + "/".join("a" if bit == "1" else f"{{p{i}}}" for i, bit in enumerate(w)) + "/end" for w in letters)
    )
    tried = 0

    def count(entries: tuple[Entry[str], ...], _head: object) -> None:
        nonlocal tried
        tried += len(entries)

    tree.find(make_head("GET", "/a" * 10 + "/end"), count)
    assert tried == 1024


def test_the_deepest_pattern_matches_within_the_recursion_limit() -> None:
    deep = "/{a}" + "".join(f"/{{a{number}}}" for number in range(MAX_SEGMENTS - 1))
    tails = [deep.rsplit("/", number)[0] + "/**" for number in range(1, MAX_SEGMENTS)]
    assert find(tree_of(deep, *tails), "/x" * MAX_SEGMENTS) == deep
