"""Plans: what identifies a target, and that a snapshot cannot be changed under a request."""

from __future__ import annotations

import dataclasses

import pytest

from moongate.compile.snapshot import ServicePlan, TargetPlan


def test_weight_and_spelling_of_the_url_do_not_change_who_a_target_is() -> None:
    one = TargetPlan("http://LOCALHOST:80", "localhost", 80, False)
    other = TargetPlan("http://localhost", "localhost", 80, False, weight=3)
    assert one.identity == other.identity
    assert one.identity != TargetPlan("https://localhost:80", "localhost", 80, True).identity


def test_plans_are_frozen() -> None:
    service = ServicePlan("s", ())
    with pytest.raises(dataclasses.FrozenInstanceError):
        service.name = "t"  # type: ignore[misc]
