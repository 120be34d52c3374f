"""Overlaps: the buckets lose none that comparing all pairs finds, and 10,000 routes take no time."""

from __future__ import annotations

import time
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moongate.compile.overlaps import MAX_OVERLAPS, find_overlaps
from moongate.routing import Condition, HostPattern, Match, PathPattern

SEGMENTS = st.sampled_from(["a", "b", "{}", "{:a|b}", "{:b|c}"])


@st.composite
def matches(draw: st.DrawFn) -> Match:
    parts = [part.replace("{", f"{{p{n}") for n, part in enumerate(draw(st.lists(SEGMENTS, min_size=1, max_size=2)))]
    headers = draw(st.dictionaries(st.sampled_from([b"x", b"y"]), st.sampled_from([b"1", b"2", None]), max_size=2))
    return Match(
        PathPattern.parse("/" + "/".join(parts)),
        tuple(
            HostPattern.parse(host) for host in draw(st.lists(st.sampled_from(["a.example", "*.example"]), unique=True))
        ),
        draw(st.sampled_from([None, None, frozenset({b"GET"}), frozenset({b"HEAD", b"PUT"}), frozenset({b"POST"})])),
        tuple(Condition("header", name, value) for name, value in headers.items()),
    )


@settings(max_examples=300)
@given(st.lists(matches(), max_size=12))
def test_the_same_as_comparing_all_pairs(given_matches: list[Match]) -> None:
    naive = [
        (first, second)
        for (first, one), (second, other) in combinations(enumerate(given_matches), 2)
        if one.ties(other)
    ]
    assert find_overlaps(given_matches) == naive


def many(kind: str) -> list[Match]:
    if kind == "literals":
        return [Match(PathPattern.parse(f"/api/{n}/{{id}}")) for n in range(10_000)]
    if kind == "choices":
        return [Match(PathPattern.parse(f"/{{k:a{n}|b{n}}}/{{id}}")) for n in range(10_000)]
    path = PathPattern.parse("/one")
    return [Match(path, conditions=(Condition("header", b"x-tenant", b"%d" % n),)) for n in range(10_000)]


@pytest.mark.parametrize("kind", ["literals", "choices", "tenants"])
def test_ten_thousand_routes_of_one_shape_are_quick(kind: str) -> None:
    routes = many(kind)
    started = time.process_time()
    assert find_overlaps(routes) == []
    assert time.process_time() - started < 2


def test_ten_thousand_equal_routes_are_told_a_hundred_times() -> None:
    assert len(find_overlaps([Match(PathPattern.parse("/{x}"))] * 10_000)) == MAX_OVERLAPS
