"""Everything at once: load, reloads, refusals, killed and frozen workers; what clients see of it is what was in the
hands of a worker when it was killed, and nothing else.

``STORM=full`` runs it at 2,000 requests a second with 20 killed workers and one that stands still for 30 s.
"""

import os
import re
import signal
import time
from pathlib import Path

import pytest

from gateway_harness.certificates import Authority
from gateway_harness.gateway_process import OPERATED, GatewayProcess, running_gateway
from gateway_harness.polling import eventually
from gateway_harness.storm import Load, Scraper, now, storm_origins

FULL = os.environ.get("STORM") == "full"
RATE, CONNECTIONS = (2000, 64) if FULL else (400, 32)
RELOADS, REFUSALS, KILLS = (50, 20, 20) if FULL else (50, 20, 6)
FROZEN_SECONDS = 30.0 if FULL else 0.0
GRACE_SECONDS = 1.5  # for a client to notice that its worker is gone, on a busy machine


def config(number: int, targets: list[str]) -> str:
    used = [targets[:1], targets[1:], targets][number % 3]
    listed = ", ".join(f"'{each}'" for each in used)
    return (
        f"services: {{storm: {{targets: [{listed}]}}}}\n"
        f"filters: {{mark: {{response_headers: {{set: {{X-Mark: '{number}'}}}}}}}}\n"
        f"routes:\n- {{name: storm, match: {{path: /**}}, service: storm, priority: high, filters: [mark]}}\n"
        f"- {{name: extra-{number % 5}, match: {{path: /extra/{number}}}, service: storm}}\n"
    )


class Windows:
    """When workers were killed: what fails then is what they had in hand."""

    def __init__(self) -> None:
        self.spans: list[tuple[float, float]] = []

    def hold(self, moment: float) -> bool:
        return any(begin <= moment <= end for begin, end in self.spans)


def kill_one(gateway: GatewayProcess, windows: Windows, number: int) -> None:
    victim = gateway.workers()[0]
    began = now()
    os.kill(victim, signal.SIGKILL)
    windows.spans.append((began, now() + GRACE_SECONDS))
    takes = r"worker.*takes its place"
    eventually(lambda: len(re.findall(takes, "".join(gateway.stderr))) > number, "somebody takes its place", 60)


def freeze_one(gateway: GatewayProcess, windows: Windows) -> None:
    victim = gateway.workers()[-1]
    os.kill(victim, signal.SIGSTOP)
    frozen = now()
    eventually(lambda: gateway.said(f"(pid {victim}) did not answer for 5 s and was killed"), "it is killed", 60)
    windows.spans.append((frozen + 3, now() + GRACE_SECONDS))
    time.sleep(max(0.0, frozen + FROZEN_SECONDS - now()))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nobody_notices_but_those_whose_worker_was_killed(tmp_path: Path) -> None:
    ca = Authority(tmp_path)
    pairs = [ca.issue("any.test", file=name) for name in ("a", "b")]
    windows = Windows()
    with storm_origins() as targets:
        gateway_config = config(0, targets)
        with running_gateway(tmp_path, gateway_config, f"{{{pairs[0].yaml}}}", workers=2, head=OPERATED) as gateway:
            load = Load(gateway.port, CONNECTIONS, RATE, str(ca.pem))
            scraper = Scraper(gateway)
            try:
                generation, kills, refusals = 1, 0, 0
                for number in range(1, RELOADS + 1):
                    gateway.write_config(config(number, targets), f"{{{pairs[number % 2].yaml}}}")
                    status, told = gateway.admin("POST", "/reload")
                    assert status == 200, told
                    assert told["generation"] >= generation
                    generation = told["generation"]
                    if refusals * RELOADS < number * REFUSALS:
                        gateway.write_config("services: {}\nroutes: [{name: x}]\n")
                        status, told = gateway.admin("POST", "/reload")
                        assert (status, told["generation"]) == (422, generation)
                        refusals += 1
                    if kills * RELOADS < number * KILLS:
                        kill_one(gateway, windows, kills)
                        kills += 1
                freeze_one(gateway, windows)
                eventually(lambda: len(gateway.workers()) == 2, "two workers")
                told_by_clients = load.stop()
                scraper.stop()
            finally:
                load.kill()
                scraper.stop() if scraper.scrapes == 0 else None
            assert generation >= RELOADS + 1
            generations = [
                int(each)
                for each in re.findall(r"^moongate \(generation (\d+)\)", "".join(gateway.stderr), re.MULTILINE)
            ]
    assert generations == sorted(generations)
    assert generations[-1] == generation
    assert scraper.wrong == []
    print(told_by_clients._replace(failures=[]), len(told_by_clients.failures), scraper.scrapes)  # with -s
    outside = [each for each in told_by_clients.failures if not windows.hold(each.ended)]
    assert outside == [], windows.spans
    assert len(told_by_clients.failures) <= (KILLS + 1) * CONNECTIONS
    assert set(told_by_clients.statuses) == {"200"}
    answered = sum(told_by_clients.statuses.values())
    counted = scraper.sum_of("moongate_requests_total")
    lost = (KILLS + 1) * 1.5 * RATE  # a killed worker's last second
    assert answered - lost <= counted <= answered + len(told_by_clients.failures) + CONNECTIONS
