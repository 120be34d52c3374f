"""Start what `make run` starts, from the same plan, on other ports and in another directory."""

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from run_system.children import Child, ChildPlan
from run_system.demo import CLIENT
from run_system.plan import ROOT, Ports, SystemPlan, script, system
from system_harness.ports import free_ports

START_SECONDS = 60.0
STOP_SECONDS = 15.0
TESTS = ROOT / "tests"


@dataclass(frozen=True)
class RunningSystem:
    plan: SystemPlan
    url: str
    invsys_url: str
    invsys: Child
    gateway: Child
    headers: dict[str, str]  # of a client that may do everything


@contextmanager
def running_child(plan: ChildPlan, directory: Path) -> Iterator[Child]:
    """Run a child until the block ends; unless the test has ended it, it must then stop by itself when asked."""
    child = Child(plan, directory / f"{plan.name}.log")
    try:
        child.wait_ready(START_SECONDS)
        yield child
    finally:
        was_running = not child.has_ended()
        in_time = child.stop(STOP_SECONDS)
    if was_running:
        assert in_time, f"{plan.name} had to be killed"
        assert child.process.returncode in {0, -signal.SIGTERM}, child.ended()


@contextmanager
def running_system(directory: Path) -> Iterator[RunningSystem]:
    """Run invsys and accounts on fresh SQLite files and the gateway with the example config in front of them."""
    ports = Ports(*free_ports(3))
    plan = system(ports, directory)
    grant = (script("accounts"), "grant", "add", CLIENT, "inventory/**", "*")
    more = ChildPlan("grant-all", grant, plan.preparations[-1].environment)
    for preparation in (*plan.preparations, more):
        Child(preparation, directory / f"{preparation.name}.log").wait_end(START_SECONDS)
    with ExitStack() as held:
        _, invsys, gateway = [held.enter_context(running_child(one, directory)) for one in plan.children]
        headers = {"X-API-Key": plan.key_file.read_text().strip()}
        yield RunningSystem(plan, plan.url, f"http://127.0.0.1:{ports.invsys}", invsys, gateway, headers)


@contextmanager
def running_gateway(directory: Path, target: str, route: str = "") -> Iterator[tuple[str, Child]]:
    """Run control and one worker that sends everything to `target`; `route` is more lines of its only route."""
    [port] = free_ports(1)
    config = directory / "gateway.yaml"
    config.write_text(
        "version: 1\nadmin: off\ndrain: {notice: 0s}\n"
        f"listeners: [{{bind: '127.0.0.1:{port}'}}]\nservices: {{origin: {{targets: ['{target}']}}}}\n"
        f"routes:\n  - name: all\n    match: {{path: /**}}\n    service: origin\n{route}"
    )
    url = f"http://127.0.0.1:{port}"
    command = (script("moongate"), "run", str(config), "--workers", "1")
    plan = ChildPlan("gateway", command, {}, f"{url}/ready")
    with running_child(plan, directory) as child:
        yield url, child


def harness_program(module: str, arguments: Sequence[str], ready_url: str) -> ChildPlan:
    """Plan a program of this package, or one that loads an application of it."""
    return ChildPlan(
        name=module.rpartition(".")[2],
        command=(sys.executable, "-m", module, *arguments),
        environment={"PYTHONPATH": str(TESTS)},
        ready_url=ready_url,
    )
