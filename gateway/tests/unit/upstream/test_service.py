import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_harness.certificates import Authority
from gateway_harness.ticking import Ticking
from moongate.core import limits
from moongate.core.plans import NamePlan, ServicePlan, ServiceTlsPlan, TargetPlan, TimeoutsPlan
from moongate.net.tasks import Tasks
from moongate.net.tls import TlsInvalid
from moongate.upstream.service import Services, ServiceState, spread


def target(port: int, weight: int = 1) -> TargetPlan:
    return TargetPlan(f"http://127.0.0.1:{port}", "127.0.0.1", port, tls=False, weight=weight)


def new_services() -> Services:
    time = Ticking()
    return Services(time.wheel, Tasks(), time.turn)


def service(*targets: TargetPlan) -> ServiceState:
    time = Ticking()
    state = ServiceState("s", time.wheel, Tasks(), time.turn)
    state.adopt(ServicePlan("s", targets), None)
    return state


def adopt(services: Services, *plans: ServicePlan) -> Mapping[str, ServiceState]:
    return services.adopt(services.prepare({plan.name: plan for plan in plans}))


def ports(state: ServiceState, count: int) -> list[int]:
    return [int(pool.url.rpartition(":")[2]) for pool in (state.pick() for _ in range(count)) if pool]


def test_targets_take_turns() -> None:
    assert ports(service(target(1), target(2), target(3)), 7) == [1, 2, 3, 1, 2, 3, 1]


def test_each_as_often_as_its_weight_says_and_mixed_well() -> None:
    assert ports(service(target(1, 2), target(2)), 6) == [1, 2, 1, 1, 2, 1]
    assert ports(service(target(1, 5), target(2), target(3)), 7) == [1, 1, 2, 1, 3, 1, 1]


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_a_round_is_fair_and_nobody_waits_long(weights: list[int]) -> None:
    order = spread([(index, weight) for index, weight in enumerate(weights)])  # type: ignore[misc]
    assert Counter(order) == dict(enumerate(weights))
    total = sum(weights)
    for index, weight in enumerate(weights):
        turns = [place for place, each in enumerate(order + order) if each == index]
        gaps = [later - earlier for earlier, later in itertools.pairwise(turns)]
        assert max(gaps) <= 2 * -(-total // weight)


def test_a_thousand_of_the_same_weight_take_no_time() -> None:
    assert spread([(index, 1) for index in range(2000)]) == list(range(2000))  # type: ignore[misc]


def test_another_than_the_one_that_failed() -> None:
    state = service(target(1, 3), target(2))
    failed = next(pool for pool in (state.pick() for _ in range(4)) if pool.url.endswith(":1"))
    for _ in range(20):
        assert state.pick(failed) is not failed


def test_the_one_that_failed_where_there_is_no_other() -> None:
    state = service(target(1))
    assert state.pick(state.pick()) is state.pick()


@pytest.mark.parametrize(("active", "allowed"), [(0, 3), (10, 3), (15, 3), (20, 4), (100, 20), (1000, 200)])
def test_retries_are_a_fifth_of_what_runs_and_three_always(active: int, allowed: int) -> None:
    state = service(target(1))
    state.active = active
    while state.may_retry():
        state.retrying += 1
    assert state.retrying == allowed
    assert limits.RETRY_BUDGET_MIN == 3


def test_what_two_snapshots_name_is_the_same() -> None:
    services = new_services()
    before = dict(adopt(services, ServicePlan("a", (target(1), target(2))), ServicePlan("b", (target(3),))))
    pools = {before["a"].pick().url: before["a"].pick() for _ in range(2)}
    before["a"].active = 7
    later = TimeoutsPlan(1.0, 2.0, 3.0)
    after = adopt(services, ServicePlan("a", (target(2, 4), target(9)), later), ServicePlan("c", (target(1),)))
    assert after["a"] is before["a"]
    assert after["a"].active == 7
    assert set(after) == {"a", "c"}
    picked = {pool.url: pool for pool in (after["a"].pick() for _ in range(5))}
    assert set(picked) == {"http://127.0.0.1:2", "http://127.0.0.1:9"}
    assert picked["http://127.0.0.1:2"].head_ticks == 9
    assert pools


def test_a_target_keeps_its_connections_across_snapshots() -> None:
    state = service(target(1), target(2))
    pools = {pool.url: pool for pool in (state.pick(), state.pick())}
    state.adopt(ServicePlan("s", (target(3), target(2, 2))), None)
    kept = [pool for pool in (state.pick() for _ in range(3)) if pool.url.endswith(":2")]
    assert all(pool is pools["http://127.0.0.1:2"] for pool in kept)


def test_an_exchange_keeps_the_services_it_began_with() -> None:
    services = new_services()
    before = adopt(services, ServicePlan("a", (target(1),)))
    adopt(services)
    assert before["a"].pick().url == "http://127.0.0.1:1"


def test_fewer_targets_than_turns_taken() -> None:
    state = service(target(1), target(2), target(3))
    ports(state, 2)
    state.adopt(ServicePlan("s", (target(1),)), None)
    assert ports(state, 2) == [1, 1]


def secured(name: str, ca: Path) -> ServicePlan:
    place = TargetPlan("https://127.0.0.1:1", "127.0.0.1", 1, tls=True)
    return ServicePlan(name, (place,), tls=ServiceTlsPlan(ca=str(ca)))


def test_tls_files_that_can_not_be_used_leave_everything_as_it_was(tmp_path: Path) -> None:
    services = new_services()
    before = adopt(services, ServicePlan("a", (target(1),)))
    with pytest.raises(TlsInvalid, match=r"none\.pem"):
        services.prepare({"a": ServicePlan("a", (target(2),)), "b": secured("b", tmp_path / "none.pem")})
    assert ports(before["a"], 2) == [1, 1]


def test_tls_is_made_once_for_services_that_say_the_same_and_anew_when_its_files_change(tmp_path: Path) -> None:
    ca = Authority(tmp_path).pem
    services = new_services()
    plans = {name: secured(name, ca) for name in ("a", "b")}
    [first] = services.prepare(plans).tls.values()
    services.adopt(services.prepare(plans))
    [kept] = services.prepare(plans).tls.values()
    assert kept is services.prepare(plans).tls[plans["a"].tls]
    assert kept is not first, "what was prepared and not adopted is forgotten"
    renewed = ca.with_name("renewed.pem")
    renewed.write_bytes(ca.read_bytes())
    renewed.replace(ca)
    assert services.prepare(plans).tls[plans["a"].tls] is not kept


def name(host: str) -> NamePlan:
    return NamePlan(f"http://{host}:80", host, 80, tls=False)


def test_what_is_found_behind_a_name_stands_beside_the_targets() -> None:
    services = new_services()
    state = adopt(services, ServicePlan("a", (target(1),), names=(name("x"), name("y"))))["a"]
    assert ports(state, 2) == [1, 1]
    services.take({name("x"): (target(2), target(1))})
    assert ports(state, 4) == [2, 1, 2, 1] or ports(state, 4) == [1, 2, 1, 2]
    services.take({name("y"): (target(3),)})
    assert set(ports(state, 3)) == {1, 2, 3}
    services.take({name("x"): ()})
    assert set(ports(state, 2)) == {1, 3}


def test_what_is_found_before_a_snapshot_names_it_is_there_when_it_does() -> None:
    services = new_services()
    services.take({name("x"): (target(2),)})
    plan = ServicePlan("a", (), names=(name("x"),))
    state = adopt(services, plan)["a"]
    assert ports(state, 1) == [2]
    adopt(services, ServicePlan("a", (target(1),)))
    assert adopt(services, plan)["a"].pick() is None, "what no snapshot named meanwhile is forgotten"


def test_no_target_is_known() -> None:
    state = adopt(new_services(), ServicePlan("a", (), names=(name("x"),)))["a"]
    assert state.pick() is None
    gone = service(target(1)).pick()
    assert state.pick(gone) is gone


def test_a_greater_priority_is_for_who_was_refused_by_all_others() -> None:
    spare, last = replace(target(8), priority=5), replace(target(9), priority=7)
    state = service(last, target(1), spare)
    first = state.pick()
    assert ports(state, 3) == [1, 1, 1]
    second = state.pick(first)
    assert second is not None
    assert second.url.endswith(":8")
    pair = service(target(1), target(2), spare)
    refused = pair.pick()
    assert {pool.url[-1] for pool in (pair.pick(refused) for _ in range(6)) if pool} == {"2"}


def test_who_is_avoided_takes_no_turn_as_long_as_there_are_others() -> None:
    state = service(target(1, 2), target(2), target(3))
    state.avoid(frozenset(("http://127.0.0.1:1", "http://127.0.0.1:9")))
    assert set(ports(state, 6)) == {2, 3}
    state.avoid(frozenset(f"http://127.0.0.1:{port}" for port in (1, 2, 3)))
    assert set(ports(state, 8)) == {1, 2, 3}, "nobody else is left"
    state.avoid(frozenset())
    assert Counter(ports(state, 8)) == {1: 4, 2: 2, 3: 2}


def test_who_is_avoided_stays_so_in_the_next_snapshot() -> None:
    services = new_services()
    services.avoid(["http://127.0.0.1:1"])
    for _ in range(2):
        state = adopt(services, ServicePlan("s", (target(1), target(2))))["s"]
        assert ports(state, 4) == [2, 2, 2, 2]
    assert [(each.service, each.url, each.connections) for each in services.states()] == [
        ("s", "http://127.0.0.1:1", 0),
        ("s", "http://127.0.0.1:2", 0),
    ]
