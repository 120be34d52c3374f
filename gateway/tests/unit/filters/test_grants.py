"""Grants decide as a reading of every single one would."""

from hypothesis import given
from hypothesis import strategies as st

from moongate.filters.grants import NEVER, Grants
from moongate.filters.resource import Resource
from moongate.stores.records import Grant

NOW = 1000.0
WORDS = st.sampled_from(["a", "b", "c"])
ACTIONS = ["read", "create", "delete"]


def fits(pattern: list[str], resource: Resource) -> bool:
    if not pattern:
        return not resource
    if pattern == ["**"]:
        return True
    return bool(resource) and (pattern[0] in ("*", resource[0].decode())) and fits(pattern[1:], resource[1:])


def reference(grants: list[Grant], resource: Resource, action: str) -> tuple[bool, Grant | None]:
    speaking = [
        grant
        for grant in grants
        if fits(grant.resource.split("/"), resource)
        and (action in grant.actions or "*" in grant.actions)
        and (grant.expires_at is None or grant.expires_at > NOW)
    ]
    denying = [grant for grant in speaking if grant.effect == "deny"]
    if denying:
        return False, denying[0]
    if not speaking:
        return False, None
    return True, next((grant for grant in speaking if not grant.query), speaking[0])


grants = st.builds(
    Grant,
    resource=st.tuples(st.lists(st.one_of(WORDS, st.just("*")), max_size=3), st.booleans())
    .filter(lambda made: bool(made[0]) or made[1])
    .map(lambda made: "/".join([*made[0], *(["**"] if made[1] else [])])),
    actions=st.lists(st.sampled_from([*ACTIONS, "*"]), min_size=1, max_size=2).map(tuple),
    effect=st.sampled_from(["allow", "allow", "deny"]),
    expires_at=st.sampled_from([None, None, 999, 1000, 1001, 2000]),
    query=st.sampled_from([{}, {}, {"label": "x"}]),
)


@given(st.lists(grants, max_size=8), st.lists(WORDS, max_size=4), st.sampled_from(ACTIONS))
def test_the_tree_decides_as_the_list_does(made: list[Grant], words: list[str], action: str) -> None:
    resource = tuple(word.encode() for word in words)
    decision = Grants(made).decide(resource, action, NOW)
    allowed, grant = reference(made, resource, action)
    assert decision.is_allowed is allowed
    assert decision.grant is grant


@given(st.lists(grants, max_size=8), st.lists(WORDS, max_size=4), st.sampled_from(ACTIONS), st.floats(0.0, 1.0))
def test_a_decision_holds_until_it_says(made: list[Grant], words: list[str], action: str, share: float) -> None:
    resource = tuple(word.encode() for word in words)
    compiled = Grants(made)
    decision = compiled.decide(resource, action, NOW)
    later = NOW + share * (min(decision.until, 5000.0) - NOW) * 0.999
    assert compiled.decide(resource, action, later) == decision


def test_nothing_is_allowed_that_nobody_mentioned() -> None:
    decision = Grants([]).decide((b"a",), "read", NOW)
    assert (decision.is_allowed, decision.grant, decision.until) == (False, None, NEVER)


def test_a_star_in_a_request_is_a_star_and_nothing_more() -> None:
    one = Grants([Grant("inventory/cars/7", ("read",))])
    assert not one.decide((b"inventory", b"cars", b"*"), "read", NOW).is_allowed
    assert not one.decide((b"inventory", b"**"), "read", NOW).is_allowed
    every = Grants([Grant("inventory/cars/*", ("read",))])
    assert every.decide((b"inventory", b"cars", b"*"), "read", NOW).is_allowed
    assert not every.decide((b"inventory", b"cars"), "read", NOW).is_allowed
    assert not every.decide((b"inventory", b"cars", b"7", b"x"), "read", NOW).is_allowed


def test_many_grants_cost_a_walk_not_a_search() -> None:
    many = Grants(Grant(f"inventory/cars/{number}", ("read",)) for number in range(100_000))
    steps = 0
    for _ in many._speaking(many._root, (b"inventory", b"cars", b"70000"), 0):
        steps += 1
    assert steps == 1
