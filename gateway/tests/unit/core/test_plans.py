"""Plans are values: equal when they say the same, and not to be changed."""

from __future__ import annotations

import dataclasses

import pytest

from moongate.core import limits
from moongate.core.plans import NamePlan, ServicePlan, TargetPlan, TimeoutsPlan


def test_the_weight_of_a_target_is_no_part_of_who_it_is() -> None:
    one = TargetPlan("http://a:1", "a", 1, tls=False, weight=1)
    heavier = dataclasses.replace(one, weight=5)
    assert one.identity == heavier.identity
    assert one != heavier


@pytest.mark.parametrize("change", [{"host": "b"}, {"port": 2}, {"tls": True}])
def test_host_port_and_tls_are(change: dict[str, object]) -> None:
    one = TargetPlan("http://a:1", "a", 1, tls=False)
    other = dataclasses.replace(one, **change)  # type: ignore[arg-type]
    assert one.identity != other.identity


def test_a_service_has_the_default_deadlines_unless_it_says_otherwise() -> None:
    service = ServicePlan("a", (TargetPlan("http://a:1", "a", 1, tls=False),))
    assert service.timeouts == TimeoutsPlan(3.0, 30.0, 60.0)
    assert service.timeouts.connect == limits.CONNECT_SECONDS


def test_a_plan_can_not_be_changed() -> None:
    plan = TimeoutsPlan()
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.connect = 1.0  # type: ignore[misc]


def test_a_name_without_a_port_is_one_of_srv_records() -> None:
    assert NamePlan("http://_http._tcp.a", "_http._tcp.a", 0, tls=False).is_srv
    assert not NamePlan("http://a", "a", 80, tls=False).is_srv
