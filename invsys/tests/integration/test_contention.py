"""Many processes on few resources, and the server killed while they are at it: not one promise breaks."""

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence

import httpx
import pytest

from invsys_harness import ServedInvsys
from servicekit.testing.careful import careful_http

PROCESSES = 8
WRITES = 2000

# Each write is sent until it is answered, under one key: a caller that does not give up. It prints counts of statuses
# and of answers that contradict an earlier answer to the same key.
WRITER = """
import json, random, sys, time, uuid
from collections import Counter
import httpx
base, cars, seed, writes = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
chance, statuses, mine = random.Random(seed), Counter(), []
http = httpx.Client(base_url=base, timeout=60)
for number in range(writes):
    car = chance.choice(cars)
    start, length = chance.randrange(0, 600), chance.randrange(1, 30)
    at = lambda minute: f"2031-05-01T{minute // 60:02}:{minute % 60:02}:00Z"
    headers = {"Idempotency-Key": str(uuid.UUID(int=chance.getrandbits(128))), "If-Match": "*"}
    if mine and chance.random() < 0.3:
        method, path, body = "DELETE", mine.pop(chance.randrange(len(mine))), None
    else:
        body = {"from_datetime": at(start), "to_datetime": at(start + length), "allocation_type": "booking"}
        body |= {"quantity": chance.randrange(1, 3)} if chance.random() < 0.3 else {}
        method, path = "POST", f"{car}/allocations"
    while True:
        try:
            answer = http.request(method, path, json=body, headers=headers)
        except httpx.TransportError:
            statuses["lost"] += 1
            time.sleep(0.05)
            continue
        if answer.status_code == 503 or (answer.status_code == 409 and answer.json()["code"] == "request_running"):
            statuses["again"] += 1
            time.sleep(0.02)
            continue
        break
    statuses[str(answer.status_code)] += 1
    if answer.status_code == 201:
        mine.append(answer.headers["Location"])
print(json.dumps({"statuses": statuses, "mine": mine}))
"""


def run_writers(served: ServedInvsys, writes: int, kills: Sequence[float] = ()) -> tuple[Counter[str], set[str]]:
    """What the writers saw: statuses, and the paths of the allocations that must be there."""
    with careful_http(served.base_url) as http:
        cars = [
            http.post("/api/cars", json={"name": f"{number}", "capacity": number % 2 + 1}).headers["Location"]
            for number in range(4)
        ]
    command = [sys.executable, "-c", WRITER, served.base_url, json.dumps(cars)]
    writers = [
        subprocess.Popen([*command, str(seed), str(writes)], stdout=subprocess.PIPE, text=True)
        for seed in range(PROCESSES)
    ]
    try:
        for pause in kills:
            time.sleep(pause)
            served.kill()
            served.start()
        said = [json.loads(writer.communicate(timeout=1500)[0]) for writer in writers]
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    statuses: Counter[str] = sum((Counter(one["statuses"]) for one in said), Counter())
    return statuses, {path for one in said for path in one["mine"]}


def stored(served: ServedInvsys) -> set[str]:
    found = set()
    with httpx.Client(base_url=served.base_url, timeout=60) as http:
        for car in http.get("/api/cars").json()["items"]:
            path = f"/api/cars/{car['id']}/allocations"
            following: str | None = f"{path}?limit=500"
            while following:
                answer = http.get(following)
                found |= {f"{path}/{item['id']}" for item in answer.json()["items"]}
                link = answer.headers.get("Link")
                following = link and link.split(">")[0].lstrip("<")
    return found


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_contended_writes_break_nothing(served: ServedInvsys) -> None:
    statuses, kept = run_writers(served, WRITES)
    # 422 is a quantity of two wanted of a single car.
    assert set(statuses) <= {"201", "204", "409", "422", "again"}, statuses
    assert sum(statuses[status] for status in ("201", "204", "409", "422")) == PROCESSES * WRITES
    assert stored(served) == kept
    assert served.command("verify").stdout == "no violation\n"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_server_killed_at_any_moment_keeps_what_it_answered_and_nothing_else(served: ServedInvsys) -> None:
    chance = random.Random(11)
    statuses, kept = run_writers(served, 100, kills=[chance.uniform(0.5, 2.0) for _ in range(5)])
    # A DELETE whose answer was lost may find its allocation gone when it is sent again: keys make it the first answer.
    assert set(statuses) <= {"201", "204", "409", "422", "again", "lost"}, statuses
    assert statuses["lost"] > 0
    assert stored(served) == kept
    assert served.command("verify").stdout == "no violation\n"
