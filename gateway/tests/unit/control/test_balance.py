from hypothesis import given
from hypothesis import strategies as st

from moongate.control.balance import Move, uneven


def test_what_is_about_even_stays() -> None:
    assert uneven([]) is None
    assert uneven([1000]) is None
    assert uneven([0, 4]) is None
    assert uneven([32, 36]) is None
    assert uneven([1000, 1200]) is None


def test_half_of_the_difference_goes_from_the_most_to_the_fewest() -> None:
    assert uneven([25, 39]) == Move(giver=1, taker=0, size=7)
    assert uneven([0, 5]) == Move(giver=1, taker=0, size=2)
    assert uneven([300, 0, 200]) == Move(giver=0, taker=1, size=150)
    assert uneven([10_000, 0]) == Move(giver=0, taker=1, size=250), "no more than one message takes"


@given(st.lists(st.integers(0, 2000), min_size=2, max_size=8))
def test_it_comes_to_an_end(connections: list[int]) -> None:
    """However they begin, no two workers differ by more than a fifth of an even share, or four, in the end; and what
    was given is never given back."""
    before = sum(connections)
    for _ in range(200):
        move = uneven(connections)
        if move is None:
            break
        difference = connections[move.giver] - connections[move.taker]
        connections[move.giver] -= move.size
        connections[move.taker] += move.size
        assert 0 <= connections[move.giver] - connections[move.taker] < difference
    assert sum(connections) == before
    assert max(connections) - min(connections) <= max(4, 0.2 * before / len(connections))
