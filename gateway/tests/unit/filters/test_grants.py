"""Grants decide as a reading of every single one would."""

from urllib.parse import quote

from hypothesis import assume, given
from hypothesis import strategies as st

from gateway_harness.grants_reference import ACTIONS, WORDS, any_grants, reference
from moongate.core.errors import MessageRefused
from moongate.filters.grants import NEVER, Grants
from moongate.protocol.http1.target import canonical_path
from moongate.stores.records import Grant

NOW = 1000.0
grants = any_grants(WORDS, [None, None, 999, 1000, 1001, 2000])


@given(st.lists(grants, max_size=8), st.lists(WORDS, max_size=4), st.sampled_from(ACTIONS))
def test_the_tree_decides_as_the_list_does(made: list[Grant], words: list[str], action: str) -> None:
    resource = tuple(word.encode() for word in words)
    decision = Grants(made).decide(resource, action, NOW)
    allowed, grant = reference(made, words, action, NOW)
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
    assert len(many._speaking([b"inventory", b"cars", b"70000"])) == 1


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters="/\\"), min_size=1), st.data())
def test_a_denial_is_not_walked_round_by_spelling(segment: str, data: st.DataObject) -> None:
    def spelled(char: str) -> str:
        is_escaped = not char.isascii() or not char.isalnum() or data.draw(st.booleans())
        is_plain = char in "!$&'()*+,;=:@~_-" and data.draw(st.booleans())
        return "".join(f"%{octet:02x}" for octet in char.encode()) if is_escaped and not is_plain else char

    try:
        path = canonical_path(b"/menu/" + "".join(map(spelled, segment)).encode())
    except MessageRefused:
        return
    grants = Grants([Grant("**", ("*",)), Grant(f"menu/{quote(segment)}", ("*",), "deny")])
    resource = tuple(path[1:].split(b"/"))
    assume(len(resource) == 2 and resource[1])  # not dots, which name another place
    assert not grants.decide(resource, "read", NOW).is_allowed


def test_people_write_grants_as_they_like() -> None:
    for written in ("caf\u00e9 a@b 50%", "caf%c3%a9 a%40b 50%25", "c%61f%C3%A9%20a@b 50%"):
        one = Grants([Grant(f"menu/{written}", ("*",))])
        assert one.decide((b"menu", b"caf%C3%A9%20a@b%2050%25"), "read", NOW).is_allowed
