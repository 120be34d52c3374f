"""Decisions, against the plainest model there is."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.client import Client, ClientStatus
from accounts.domain.decision import Held, Reason, decide, decide_for, held_grants, in_order
from accounts.domain.grant import Effect, Grant
from accounts.domain.role import Role

SEGMENTS = st.sampled_from(["a", "b", "*"])
PATTERNS = st.builds(
    lambda parts, tail: "/".join(parts + tail),
    st.lists(SEGMENTS, min_size=1, max_size=3),
    st.sampled_from([[], ["**"]]),
)
GRANTS = st.lists(
    st.builds(
        Grant,
        PATTERNS,
        st.sampled_from([("read",), ("write",), ("*",)]),
        st.sampled_from(list(Effect)),
        st.sampled_from([None, 5]),
    ),
    max_size=6,
)


def covers(grant: Grant, resource: str, action: str, now: int) -> bool:
    def match(pattern: list[str], parts: list[str]) -> bool:
        if not pattern:
            return not parts
        if pattern[0] == "**":
            return True
        return bool(parts) and pattern[0] in ("*", parts[0]) and match(pattern[1:], parts[1:])

    is_live = grant.expires_at is None or now < grant.expires_at * 1_000_000
    said = grant.actions[0] in ("*", action)
    return is_live and said and match(grant.resource.split("/"), resource.split("/"))


@given(
    GRANTS,
    st.lists(st.sampled_from("ab"), min_size=1, max_size=4).map("/".join),
    st.sampled_from(["read", "write"]),
    st.sampled_from([0, 5_000_000]),
)
def test_deny_wins_and_nothing_said_is_denied(grants: list[Grant], resource: str, action: str, now: int) -> None:
    effects = {grant.effect for grant in grants if covers(grant, resource, action, now)}
    decision = decide(held_grants(grants, []), resource, action, now)
    assert decision.is_allowed is (effects == {Effect.ALLOW})
    assert (decision.reason is Reason.DENIED) is (Effect.DENY in effects)
    assert (decision.reason is Reason.NOTHING_GRANTED) is (not effects)


def test_of_several_the_unnarrowed_wins_else_the_first() -> None:
    narrow, other, wide = (
        Grant("a/*", ("read",), query={"label": "1"}),
        Grant("a/*", ("read",), query={"label": "2"}),
        Grant("**", ("*",)),
    )
    role = Role("reader", (wide,))
    assert decide(held_grants([narrow, other], []), "a/b", "read", 0).by == Held(narrow)
    assert decide(held_grants([narrow], [role]), "a/b", "read", 0).by == Held(wide, "reader")


@given(GRANTS, st.lists(st.sampled_from("ab"), min_size=1, max_size=4).map("/".join), st.randoms())
def test_the_order_in_which_grants_were_given_decides_nothing(grants: list[Grant], resource: str, rnd: Random) -> None:
    shuffled = rnd.sample(grants, len(grants))
    answers = [decide(held_grants(given, []), resource, "read", 0) for given in (grants, shuffled)]
    assert answers[0].reason is answers[1].reason
    assert in_order(grants) == sorted(grants, key=lambda grant: (grant.resource, grant.actions))


def test_those_that_force_a_query_stay_as_they_were_given() -> None:
    first, second = (Grant(name, ("read",), query={"label": "1"}) for name in ("z", "a"))
    assert in_order([Grant("b", ("read",)), first, Grant("a", ("read",)), second]) == [
        first,
        second,
        Grant("a", ("read",)),
        Grant("b", ("read",)),
    ]


def test_only_the_active_may() -> None:
    client = Client("cl", "Acme", 0, ClientStatus.SUSPENDED)
    assert decide_for(client, [Held(Grant("**", ("*",)))], "a", "read", 0).reason is Reason.CLIENT_NOT_ACTIVE
