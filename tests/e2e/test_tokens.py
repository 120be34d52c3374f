"""Access tokens that accounts makes, through the front door."""

import json
import os
import subprocess
import time
from typing import Any

import httpx

from run_system.demo import CLIENT
from run_system.plan import script
from system_harness.running import RunningSystem

REVOKED_SECONDS = 15.0  # it is one; the machine may be busy


def accounts(running: RunningSystem, *command: str) -> Any:
    environment = {**os.environ, **running.plan.preparations[-1].environment}
    ran = subprocess.run([script("accounts"), *command, "--json"], env=environment, capture_output=True, check=True)
    return json.loads(ran.stdout)


def test_a_client_s_token_is_taken_with_its_grants_until_it_is_revoked(running: RunningSystem) -> None:
    client_id = accounts(running, "client", "show", CLIENT)["id"]
    secret = accounts(running, "secret", "create", CLIENT)["client_secret"]
    issuer = f"http://127.0.0.1:{running.plan.ports['PORT_ACCOUNTS']}"
    form = {"grant_type": "client_credentials"}
    with httpx.Client(timeout=30) as client:
        answer = client.post(f"{issuer}/oauth/token", data=form, auth=(client_id, secret))
        assert answer.status_code == 200, answer.text
        token = answer.json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        listed = client.get(f"{running.url}/api/cars?limit=1", headers=headers)
        assert listed.status_code == 200, listed.text
        assert client.get(f"{running.url}/api/cars", headers={"Authorization": f"Bearer {token}x"}).status_code == 401
        accounts(running, "client", "revoke-tokens", CLIENT)
        deadline = time.monotonic() + REVOKED_SECONDS
        while client.get(f"{running.url}/api/cars?limit=1", headers=headers).status_code != 401:
            assert time.monotonic() < deadline, "a revoked token is still taken"
            time.sleep(0.05)
        keyed = client.get(f"{running.url}/api/cars?limit=1", headers=running.headers)
        assert keyed.status_code == 200, "the client's key goes on"
