"""Many processes want one slot; one gets it."""

import subprocess
import sys
from collections import Counter

import httpx

from invsys_harness import ServedInvsys

PROCESSES = 8
TRIES = 10

RIVAL = """
import sys, uuid, httpx
url, tries = sys.argv[1], int(sys.argv[2])
body = {"from_datetime": "2030-01-01T00:00:00Z", "to_datetime": "2030-01-02T00:00:00Z", "allocation_type": "booking"}
with httpx.Client(timeout=60) as http:
    sys.stdin.readline()
    for _ in range(tries):
        print(http.post(url, json=body, headers={"Idempotency-Key": str(uuid.uuid4())}).status_code, end=" ")
"""


def test_exactly_one_gets_the_slot(served: ServedInvsys) -> None:
    car = httpx.post(f"{served.base_url}/api/cars", json={"name": "wanted"}).json()["id"]
    url = f"{served.base_url}/api/cars/{car}/allocations"
    command = [sys.executable, "-c", RIVAL, url, str(TRIES)]
    rivals = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)
    ]
    for rival in rivals:
        assert rival.stdin is not None
        rival.stdin.write("go\n")
        rival.stdin.flush()
    statuses = Counter(status for rival in rivals for status in rival.communicate(timeout=100)[0].split())
    assert statuses == {"201": 1, "409": PROCESSES * TRIES - 1}
    assert len(httpx.get(url).json()["items"]) == 1
