"""uvicorn closes a connection 5 s after its last answer, and a request may be on its way then. No client sees that."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from system_harness.ports import free_ports
from system_harness.running import harness_program, running_child, running_gateway

pytestmark = pytest.mark.slow

CONNECTIONS = 40
ROUNDS = 5  # 40 first requests, then 200 that find an idle connection at the edge of its life
SHORTEST, LONGEST = 4.8, 5.2


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    [port] = free_ports(1)
    origin = f"http://127.0.0.1:{port}"
    arguments = ["system_harness.asgi_app:app", "--port", str(port), "--no-access-log"]
    plan = harness_program("uvicorn", arguments, f"{origin}/ready")
    with running_child(plan, tmp_path), running_gateway(tmp_path, origin) as (gateway_url, _child):
        yield gateway_url


async def ask(url: str, index: int, statuses: Counter[int]) -> None:
    """Alternate a method that may be repeated with one that may not."""
    limits = httpx.Limits(keepalive_expiry=60)  # the client keeps its side open, so only the origin's side can be stale
    async with httpx.AsyncClient(timeout=30, limits=limits) as client:
        for turn in range(1 + ROUNDS):
            method = "GET" if (index + turn) % 2 else "POST"
            answer = await client.request(method, f"{url}/{index}/{turn}")
            statuses[answer.status_code] += 1
            await asyncio.sleep(SHORTEST + (LONGEST - SHORTEST) * ((index + 7 * turn) % CONNECTIONS) / CONNECTIONS)


async def ask_on_all(url: str) -> Counter[int]:
    statuses: Counter[int] = Counter()
    async with asyncio.TaskGroup() as group:
        for index in range(CONNECTIONS):
            group.create_task(ask(url, index, statuses))
    return statuses


def test_no_request_meets_the_origins_idle_close(url: str) -> None:
    assert asyncio.run(ask_on_all(url)) == {200: CONNECTIONS * (1 + ROUNDS)}
