"""`accounts plan`, on both engines."""

import pytest

from accounts.bootstrap.wiring import Services
from accounts_harness.commands import Run, RunJson


def test_plans_are_made_changed_listed_and_removed(services: Services, run: Run, run_json: RunJson) -> None:
    made = run_json("plan", "create", "standard", "--rate", "600/m", "--quota", "1000/day", "--concurrency", "5")
    assert made["rate"] == {"requests": 600, "seconds": 60}
    assert (made["burst"], made["quota"], made["concurrency"]) == (600, {"requests": 1000, "period": "day"}, 5)
    run("plan", "create", "standard", "--rate", "1/s", "--if-absent")
    changed = run_json("plan", "change", "standard", "--rate", "50/10s", "--quota", "none", "--concurrency", "none")
    assert changed["rate"] == {"requests": 50, "seconds": 10}
    assert (changed["burst"], changed["quota"], changed["concurrency"]) == (600, None, None)
    assert "50/10s" in run("plan", "list")
    assert run_json("plan", "remove", "standard") == {"removed": "standard"}
    assert run_json("plan", "list") == []
    assert services.store.read(lambda tx: tx.feed.record("plan", "standard")) is None


@pytest.mark.parametrize(
    "wrong",
    [["--rate", "100"], ["--rate", "x/s"], ["--rate", "1/y"], ["--rate", "0/s"], ["--rate", "1/s", "--quota", "1/week"],
     ["--rate", "1/s", "--concurrency", "x"], ["--rate", "1/xs"], ["--rate", f"1/{'9' * 5000}s"],
     ["--rate", "1/s", "--concurrency", "9" * 5000]],
)  # fmt: skip
def test_what_is_wrong_is_one_line(services: Services, run: Run, wrong: list[str]) -> None:
    said = run("plan", "create", "standard", *wrong, status=1)
    assert said.startswith("accounts: ")
    assert said.count("\n") == 1
