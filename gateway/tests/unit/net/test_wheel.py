from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_harness.fake_loop import FakeLoop
from moongate.net.wheel import NEVER, TICK_SECONDS, Wheel, ticks


@dataclass(eq=False)
class Item:
    wheel: Wheel
    due: int = NEVER
    queued: int = NEVER
    called: list[int] = field(default_factory=list)

    def on_due(self) -> None:
        self.called.append(self.wheel.now)


@pytest.fixture
def wheel() -> Wheel:
    return Wheel(FakeLoop().as_loop)


def advance(wheel: Wheel, count: int) -> None:
    for _ in range(count):
        wheel.advance()


@pytest.mark.parametrize(("seconds", "expected"), [(0.25, 2), (0.1, 2), (1.0, 5), (10.0, 41), (3.01, 14)])
def test_ticks_are_never_too_few(seconds: float, expected: int) -> None:
    assert ticks(seconds) == expected


@pytest.mark.parametrize("delay", [1, 2, 41, 511, 512, 513, 1024, 5000])
def test_an_item_is_told_once_at_its_time(wheel: Wheel, delay: int) -> None:
    item = Item(wheel)
    wheel.arm(item, delay)
    advance(wheel, delay - 1)
    assert item.called == []
    advance(wheel, 2000)
    assert item.called == [delay]


def test_a_deadline_that_moves_away_is_found_out_on_the_way(wheel: Wheel) -> None:
    item = Item(wheel)
    wheel.arm(item, 10)
    for _ in range(50):
        advance(wheel, 5)
        wheel.arm(item, 10)
    assert item.called == []
    advance(wheel, 10)
    assert item.called == [260]


def test_a_deadline_that_comes_nearer_is_met(wheel: Wheel) -> None:
    item = Item(wheel)
    wheel.arm(item, 400)
    wheel.arm(item, 3)
    advance(wheel, 3)
    assert item.called == [3]
    advance(wheel, 1000)
    assert item.called == [3]


def test_never_means_never_and_can_be_taken_back(wheel: Wheel) -> None:
    item = Item(wheel)
    wheel.arm(item, 5)
    item.due = NEVER  # as the connections do on the fast path
    advance(wheel, 700)
    assert item.called == []
    wheel.arm(item, 5)
    advance(wheel, 5)
    assert item.called == [705]


def test_disarm_lets_go_of_the_item(wheel: Wheel) -> None:
    item = Item(wheel)
    wheel.arm(item, 5)
    wheel.disarm(item)
    wheel.disarm(item)
    advance(wheel, 600)
    assert (item.called, item.due, item.queued) == ([], NEVER, NEVER)


def test_items_may_arm_and_disarm_each_other_when_they_are_told(wheel: Wheel) -> None:
    victim = Item(wheel)

    class Again(Item):
        def on_due(self) -> None:
            super().on_due()
            self.wheel.disarm(victim)
            self.wheel.arm(self, 7)

    again = [Again(wheel) for _ in range(3)]
    for item in (*again, victim):
        wheel.arm(item, 4)
    advance(wheel, 11)
    assert [item.called for item in again] == [[4, 11]] * 3
    assert len(victim.called) <= 1  # whoever comes first in the slot


def test_one_that_fails_does_not_take_the_others_along() -> None:
    loop = FakeLoop()
    wheel = Wheel(loop.as_loop)

    class Failing(Item):
        def on_due(self) -> None:
            raise ValueError("broken")

    items = [Item(wheel) for _ in range(20)]
    for item in (*items[:10], Failing(wheel), *items[10:]):
        wheel.arm(item, 4)
    advance(wheel, 4)
    assert all(item.called == [4] for item in items)
    assert isinstance(loop.failures[0]["exception"], ValueError)


def test_it_runs_by_the_loop_and_catches_up_after_a_stall() -> None:
    loop = FakeLoop()
    wheel = Wheel(loop.as_loop)
    late: list[float] = []
    wheel.on_tick = late.append
    item, other = Item(wheel), Item(wheel)
    wheel.start()
    wheel.arm(item, ticks(1.0))
    wheel.arm(other, ticks(3.0))
    loop.advance(0.9)
    assert item.called == []
    loop.stall(2.0)
    loop.advance(0)
    assert item.called == [5]
    assert other.called == []
    assert max(late) == pytest.approx(2.9 - 1.0, abs=TICK_SECONDS)
    loop.advance(1.0)
    assert len(other.called) == 1
    wheel.stop()
    now = wheel.now
    loop.advance(5.0)
    assert wheel.now == now


@given(
    st.lists(
        st.tuples(st.sampled_from(["arm", "disarm", "never", "advance"]), st.integers(0, 3), st.integers(1, 1500)),
        max_size=60,
    )
)
def test_it_agrees_with_a_clock_for_each_item(steps: list[tuple[str, int, int]]) -> None:
    wheel = Wheel(FakeLoop().as_loop)
    items = [Item(wheel) for _ in range(4)]
    due: dict[int, int] = {}
    expected: list[list[int]] = [[] for _ in items]
    for what, index, amount in steps:
        if what == "arm":
            wheel.arm(items[index], amount)
            due[index] = wheel.now + amount
        elif what == "disarm":
            wheel.disarm(items[index])
            due.pop(index, None)
        elif what == "never":
            items[index].due = NEVER
            due.pop(index, None)
        else:
            for _ in range(amount):
                wheel.advance()
                for each, when in list(due.items()):
                    if when == wheel.now:
                        expected[each].append(when)
                        del due[each]
    assert [item.called for item in items] == expected
