"""A key is rotated under load through the front door: nobody is refused in the overlap, and the old key after it."""

import time
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from system_harness.accounts_beside import Accounts, eventually, gateway_for, small_origin
from system_harness.calling import Callers, api_key
from system_harness.ports import free_ports
from system_harness.running import running_child

RATE = 200
OVERLAP_SECONDS = 5
NOTICED_SECONDS = 1.0  # that a gateway may take for any change


@pytest.mark.slow
def test_no_request_is_refused_during_the_overlap(tmp_path: Path) -> None:
    port, accounts_port, origin_port = free_ports(3)
    accounts = Accounts(tmp_path, accounts_port)
    accounts.prepare()
    ident, old = accounts.new_key()
    with (
        running_child(accounts.plan, tmp_path),
        small_origin(origin_port, tmp_path) as target,
        gateway_for(accounts, port, target),
        accounts.admin() as admin,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
        Callers(port, 16, RATE) as callers,
    ):

        def serves(key: str) -> bool:
            with httpx.Client(base_url=client.base_url, timeout=30) as fresh:  # to whichever worker takes it
                return fresh.get("/", headers={"X-API-Key": key}).status_code == 204

        eventually(lambda: all(serves(old) for _ in range(8)), "the old key is known to both workers")
        callers.add("old", api_key(old))
        path = f"/v1/clients/{admin.get('/v1/clients').json()['items'][0]['id']}/keys"
        answer = admin.post(f"{path}/{ident}/rotate", json={"overlap_seconds": OVERLAP_SECONDS})
        born = time.monotonic()
        assert answer.status_code == 201, answer.text
        new = answer.json()["key"]
        callers.add("new", api_key(new))
        expires = datetime.fromisoformat(admin.get(f"{path}/{ident}").json()["expires"]).timestamp()
        end = time.monotonic() + expires - time.time()
        eventually(lambda: time.monotonic() > end + 2 * NOTICED_SECONDS, "the old key has ended")
        answers = callers.stop()
    served = {name: [each for each in answers if each.name == name and each.status == 204] for name in ("old", "new")}
    refused = {name: [each for each in answers if each.name == name and each.status != 204] for name in ("old", "new")}
    late = max((each.began - born for each in refused["new"]), default=0.0)
    print(f"{len(answers)} requests; the new key: {len(refused['new'])} refused, the last {late:.3f} s after its birth")
    assert {each.status for each in refused["old"] + refused["new"]} - {429} == {401}, "429 where it is shown too often"
    assert min(each.ended for each in refused["old"]) >= end, "refused during the overlap"
    assert max(each.began for each in served["old"]) <= end + NOTICED_SECONDS, "served after the overlap"
    assert late <= NOTICED_SECONDS, "refused when gateways had been told of it"
    assert len(answers) > RATE * OVERLAP_SECONDS / 2
