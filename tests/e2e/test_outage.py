"""invsys dies and comes back: the gateway stays, says so in its own words, and needs no restart."""

import time
from pathlib import Path

import httpx

from run_system.children import Child
from system_harness.processes import session_of
from system_harness.running import START_SECONDS, STOP_SECONDS, running_system


def test_a_service_that_is_gone_is_a_502_until_it_is_back(tmp_path: Path) -> None:
    with (
        running_system(tmp_path) as running,
        httpx.Client(base_url=running.url, timeout=30, headers=running.headers) as client,
    ):
        created = client.post("/api/cars", json={"name": "car-1"})
        assert created.status_code == 201

        running.invsys.kill()
        while session_of(running.invsys.process.pid):  # a worker that is still dying may yet accept a connection
            time.sleep(0.02)
        for method in ("GET", "POST"):
            answer = client.request(method, "/api/cars")
            assert answer.status_code == 502
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == "upstream_unreachable"
            assert answer.json()["request_id"] == answer.headers["x-request-id"]
            assert running.invsys_url.removeprefix("http://") not in answer.text

        again = Child(running.plan.children[1], tmp_path / "invsys-again.log")
        try:
            again.wait_ready(START_SECONDS)
            assert client.get("/api/cars").json()["items"] == [created.json()]
        finally:
            again.stop(STOP_SECONDS)
