"""A GiB each way: every byte arrives, and the gateway holds next to none of them."""

import hashlib
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest

from system_harness.pattern import pattern
from system_harness.ports import free_ports
from system_harness.processes import peak_bytes, resident_bytes
from system_harness.running import harness_program, running_child, running_gateway

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

GIB = 1 << 30
MAX_RESIDENT = 80_000_000
SAMPLE_SECONDS = 0.1
ROUTE = "    max_body: unlimited\n"

Watch = Callable[[], int]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    directory = tmp_path_factory.mktemp("large")
    [port] = free_ports(1)
    origin = f"http://127.0.0.1:{port}"
    plan = harness_program("system_harness.byte_origin", [str(port)], f"{origin}/ready")
    with running_child(plan, directory), running_gateway(directory, origin, ROUTE) as (url, child):
        yield url, child.process.pid


@pytest.fixture
def most_resident(gateway: tuple[str, int]) -> Iterator[Watch]:
    """Sample the gateway's memory during the test; the call returns the most seen, the kernel's own peak included."""
    pid, samples, done = gateway[1], [0], threading.Event()

    def sample() -> None:
        while not done.wait(SAMPLE_SECONDS):
            samples.append(resident_bytes(pid))

    thread = threading.Thread(target=sample)
    thread.start()
    yield lambda: max(*samples, peak_bytes(pid))
    done.set()
    thread.join()


def sum_of_pattern() -> str:
    digest = hashlib.sha256()
    for block in pattern(GIB):
        digest.update(block)
    return digest.hexdigest()


@pytest.mark.parametrize("framing", [{"Content-Length": str(GIB)}, {}], ids=["content-length", "chunked"])
def test_a_gib_up(gateway: tuple[str, int], most_resident: Watch, framing: dict[str, str]) -> None:
    answer = httpx.put(f"{gateway[0]}/sum", content=pattern(GIB), headers=framing, timeout=60)
    assert answer.json() == {"sha256": sum_of_pattern(), "size": GIB}
    assert most_resident() < MAX_RESIDENT


def test_a_gib_down(gateway: tuple[str, int], most_resident: Watch) -> None:
    digest = hashlib.sha256()
    with httpx.stream("GET", f"{gateway[0]}/bytes/{GIB}", timeout=60) as answer:
        assert answer.headers["content-length"] == str(GIB)
        for piece in answer.iter_raw():
            digest.update(piece)
    assert digest.hexdigest() == sum_of_pattern()
    assert most_resident() < MAX_RESIDENT


def test_a_client_that_reads_slowly_holds_the_origin_back(gateway: tuple[str, int], most_resident: Watch) -> None:
    """Nothing is read for as long as the origin would need to fill the gateway's memory, were it not held back."""
    with httpx.stream("GET", f"{gateway[0]}/bytes/{GIB}", timeout=60) as answer:
        assert answer.status_code == 200
        threading.Event().wait(5)
        assert most_resident() < MAX_RESIDENT
