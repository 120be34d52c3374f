from gateway_harness.controlling import snapshot
from moongate.config import Problem
from moongate.control.admin.state import problem_of, routes_of, services_of
from moongate.upstream.state import TargetState

TARGET = "http://127.0.0.1:7"


def test_the_numbers_of_all_workers_are_added() -> None:
    states = [
        TargetState("s", TARGET, 3, 1, 2, 0, 4, False),
        TargetState("s", TARGET, 5, 4, 1, 1, 0, True),
        TargetState("s", "http://127.0.0.1:8", 1, 1, 0, 0, 0, None),
    ]
    told = services_of(snapshot(TARGET, 9), states, {TARGET})
    assert told["generation"] == 9
    [service] = told["services"]
    assert service["name"] == "s"
    assert service["targets"][0] == {
        "url": TARGET,
        "weight": 1,
        "up": True,
        "drained": True,
        "connections": 8,
        "idle": 5,
        "in_flight": 3,
        "waiting": 1,
        "failures": 4,
    }
    assert (service["targets"][1]["up"], service["targets"][1]["drained"]) == (None, False)


def test_routes_stand_in_match_order() -> None:
    assert [each["name"] for each in routes_of(snapshot(TARGET))["routes"]] == ["r"]


def test_the_line_of_a_problem_is_only_for_whoever_may_change_it() -> None:
    problem = Problem("f.yaml", 3, 4, "no", "token: canary")
    assert problem_of(problem, with_excerpt=True)["excerpt"] == "token: canary"
    assert "canary" not in str(problem_of(problem, with_excerpt=False))
