"""Grants and their patterns."""

import pytest

from accounts.domain.errors import InvalidValueError
from accounts.domain.grant import Effect, Grant, matches


@pytest.mark.parametrize(
    ("pattern", "resource", "is_match"),
    [
        ("inventory/cars", "inventory/cars", True),
        ("inventory/cars", "inventory/cars/1", False),
        ("inventory/cars", "inventory", False),
        ("inventory/*", "inventory/cars", True),
        ("inventory/*", "inventory", False),
        ("inventory/*", "inventory/cars/1", False),
        ("*/cars/*", "inventory/cars/1", True),
        ("users/a@b", "users/a%40b", True),
        ("users/a%40b", "users/a@b", True),
        ("menu/café", "menu/caf%C3%A9", True),
        ("menu/*", "menu/%2A", True),
        ("menu/%2A", "menu/anything", False),
        ("inventory/**", "inventory", True),
        ("inventory/**", "inventory/cars/1/allocations", True),
        ("inventory/**", "inventories/cars", False),
        ("inventory/*/**", "inventory", False),
        ("inventory/*/**", "inventory/cars", True),
        ("**", "anything/at/all", True),
        ("inventory/cars/*", "inventory/cars/*", True),
        ("inventory/cars/a", "inventory/cars/A", False),
    ],
)
def test_patterns(pattern: str, resource: str, is_match: bool) -> None:
    assert matches(pattern, tuple(resource.split("/"))) is is_match


@pytest.mark.parametrize(
    "pattern", ["", "/a", "a/", "a//b", "a/**/b", "car*", "a/.", "../a", "a b", "a/\x00", "x" * 513, "/".join("a" * 33)]
)
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        Grant(pattern, ("read",))
    assert caught.value.field == "resource"


def test_what_is_no_grant() -> None:
    for actions in ((), ("Read",), ("read", "read"), ("",), tuple(f"a{n}" for n in range(33))):
        with pytest.raises(InvalidValueError):
            Grant("a", actions)
    for query in ({"": "x"}, {"a&b": "x"}, {"a": ""}, {"a": "\n"}, {f"a{n}": "x" for n in range(17)}):
        with pytest.raises(InvalidValueError):
            Grant("a", ("read",), query=query)
    with pytest.raises(InvalidValueError):
        Grant("a", ("read",), Effect.DENY, query={"label": "x"})


def test_a_grant_covers_its_actions_while_it_lives() -> None:
    grant = Grant("a/*", ("read", "own-word"), expires_at=10)
    assert grant.covers(("a", "b"), "read")
    assert not grant.covers(("a", "b"), "delete")
    assert Grant("a/*", ("*",)).covers(("a", "b"), "delete")
    assert (grant.is_live(9_999_999), grant.is_live(10_000_000)) == (True, False)
