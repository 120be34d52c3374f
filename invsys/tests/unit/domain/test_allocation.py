"""Allocations."""

from invsys.domain.allocation import AllocationStatus


def test_held_and_confirmed_take_room() -> None:
    assert {status.value for status in AllocationStatus if status.is_live} == {"held", "confirmed"}
