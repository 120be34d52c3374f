"""A key is rotated under load: no request is refused during the overlap, and the old key is refused after it.

The gateway in this test is the smallest there is: it follows the feed and verifies keys by the document alone.
"""

import base64
import hashlib
import hmac
import threading
import time
from datetime import datetime
from typing import Any

import httpx
import pytest

from accounts_harness.following import apply, snapshot
from accounts_harness.served import ServedAccounts

RATE = 200
OVERLAP_S = 4


class SmallGateway:
    """Follows in a thread; `serves` decides as docs/accounts-feed.md has it."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._state = snapshot(http)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()

    def _follow(self) -> None:
        while not self._done.is_set():
            asked = {"epoch": self._state["epoch"], "after": self._state["seq"], "wait": 1}
            apply(self._state, self._http.get("/internal/v1/changes", params=asked).json())

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def serves(self, text: str) -> bool:
        ident = text.split("_")[2]
        found = [
            key
            for name, record in list(self._state["records"].items())
            if name.startswith("client")
            for key in record.get("keys", [])
            if key["id"] == ident
        ]
        return bool(found) and self._opens(found[0], text)

    def _opens(self, key: dict[str, Any], text: str) -> bool:
        pepper = self._state["records"][f"pepper {key['pepper']}"]["secret"]
        secret = base64.urlsafe_b64decode(pepper + "=")
        mac = hmac.new(secret, text.encode(), hashlib.sha256).digest()[:16]
        is_live = not key.get("revoked_at") and (not key.get("expires_at") or time.time() < key["expires_at"])
        return hmac.compare_digest(mac, base64.urlsafe_b64decode(key["mac"] + "==")) and is_live


@pytest.mark.slow
def test_no_request_is_refused_during_the_overlap() -> None:
    with ServedAccounts() as served, served.admin() as admin, served.gateway() as http:
        client = admin.post("/v1/clients", json={"name": "Acme"}).json()["id"]
        path = f"/v1/clients/{client}/keys"
        old = admin.post(path, json={"name": "key"}).json()
        gateway = SmallGateway(http)
        try:
            served_by: dict[str, list[bool]] = {"old": [], "new": []}

            def ask(name: str, text: str, until: float) -> None:
                is_served = gateway.serves(text)
                if time.time() < until:  # an answer after the end of the old key says nothing of the overlap
                    served_by[name].append(is_served)

            for _ in range(RATE):
                ask("old", old["key"], float("inf"))
                time.sleep(1 / RATE)
            made = admin.post(f"{path}/{old['id']}/rotate", json={"overlap_seconds": OVERLAP_S}).json()
            end = datetime.fromisoformat(admin.get(f"{path}/{old['id']}").json()["expires"]).timestamp()
            # Whoever changes over has the new key in hand, and gateways within a second.
            wait_for(lambda: gateway.serves(made["key"]))
            while time.time() < end:
                ask("old", old["key"], end)
                ask("new", made["key"], end)
                time.sleep(1 / RATE)
            assert all(served_by["old"])
            assert all(served_by["new"])
            assert len(served_by["old"]) > len(served_by["new"]) > 0
            wait_for(lambda: not gateway.serves(old["key"]))
            assert gateway.serves(made["key"])
        finally:
            gateway.stop()


def wait_for(is_so: Any) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)
