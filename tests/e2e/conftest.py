import uuid
from collections.abc import Iterator

import httpx
import pytest

from system_harness.running import RunningSystem, running_system


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """One system for every test here: a test makes resources of its own."""
    with running_system(tmp_path_factory.mktemp("system")) as one:
        yield one


@pytest.fixture
def api(running: RunningSystem) -> Iterator[httpx.Client]:
    """A careful caller: each POST under a fresh key, each change on whatever is there."""

    def be_careful(request: httpx.Request) -> None:
        if request.method == "POST":
            request.headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
        if request.method in ("PATCH", "DELETE"):
            request.headers.setdefault("If-Match", "*")

    hooks = {"request": [be_careful]}
    with httpx.Client(base_url=f"{running.url}/api", timeout=30, headers=running.headers, event_hooks=hooks) as client:
        yield client
