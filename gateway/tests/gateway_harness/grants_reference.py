"""Grants of any sort, and the plainest reading of what they allow: every single one, in the order given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from moongate.stores.records import Grant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ACTIONS = ["read", "create", "delete"]
WORDS = st.sampled_from(["a", "b", "c"])


def fits(pattern: Sequence[str], resource: Sequence[str]) -> bool:
    if not pattern:
        return not resource
    if list(pattern) == ["**"]:
        return True
    return bool(resource) and (pattern[0] in ("*", resource[0])) and fits(pattern[1:], resource[1:])


def reference(grants: Iterable[Grant], resource: Sequence[str], action: str, now: float) -> tuple[bool, Grant | None]:
    """Whether it is allowed, and by which grant that was decided. ``now`` in seconds since 1970."""
    speaking = [
        grant
        for grant in grants
        if fits(grant.resource.split("/"), resource)
        and (action in grant.actions or "*" in grant.actions)
        and (grant.expires_at is None or grant.expires_at > now)
    ]
    denying = [grant for grant in speaking if grant.effect == "deny"]
    if denying:
        return False, denying[0]
    if not speaking:
        return False, None
    return True, next((grant for grant in speaking if not grant.query), speaking[0])


def any_grants(
    words: st.SearchStrategy[str], expiries: Sequence[int | None], start: str = ""
) -> st.SearchStrategy[Grant]:
    """A grant; its pattern begins with ``start``."""
    return st.builds(
        Grant,
        resource=st.tuples(st.lists(st.one_of(words, st.just("*")), max_size=3), st.booleans())
        .filter(lambda made: bool(made[0]) or made[1])
        .map(lambda made: start + "/".join([*made[0], *(["**"] if made[1] else [])])),
        actions=st.lists(st.sampled_from([*ACTIONS, "*"]), min_size=1, max_size=2, unique=True).map(tuple),
        effect=st.sampled_from(["allow", "allow", "deny"]),
        expires_at=st.sampled_from(expiries),
        query=st.sampled_from([{}, {}, {"label": "x"}, {"label": "y"}]),
    )
