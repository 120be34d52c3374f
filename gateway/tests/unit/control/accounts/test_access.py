from pathlib import Path

import pytest

from gateway_harness.granted import granted
from gateway_harness.replicas import api_key, public_id
from moongate.cli.files import load
from moongate.compile import Snapshot
from moongate.compile.offline import Request
from moongate.control.accounts.access import Access, access_in, can, explain_for, who_can
from moongate.control.accounts.looking import LookFailed

CARS = Request("GET", "/api/cars/7")
WHY = "its grant 'allow read on inventory/cars/**' decides over read on inventory/cars/7"


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    return load(str(granted(tmp_path))).snapshot


@pytest.mark.parametrize(
    ("request_", "client", "access"),
    [
        (CARS, "c1", Access("c1", "Client 1", True, WHY)),
        (CARS, "Client 2", Access("c2", "Client 2", True, WHY)),
        (CARS, "c3", Access("c3", "Client 3", False, "the client is suspended")),
        (
            Request("POST", "/api/cars"),
            "c1",
            Access("c1", "Client 1", False, "client c1 has no grant for create on inventory/cars"),
        ),
        (Request("GET", "/open"), "c1", Access("c1", "Client 1", True, "the route asks for no grant")),
        (Request("GET", "/none"), "c1", Access("c1", "Client 1", False, "404 route_not_found")),
    ],
)
def test_what_one_client_can(snapshot: Snapshot, request_: Request, client: str, access: Access) -> None:
    assert can(snapshot, request_, client) == access


def test_who_can(snapshot: Snapshot) -> None:
    assert [each.client for each in who_can(snapshot, CARS)] == ["c1", "c2"]
    assert who_can(snapshot, Request("DELETE", "/api/cars/7")) == []


def test_an_explanation_knows_keys_and_clients(snapshot: Snapshot) -> None:
    key = api_key(public_id(1)).decode()
    shown = explain_for(snapshot, Request("GET", "/api/cars/7", (("X-API-Key", key),)))
    assert [step["verdict"] for step in shown["filters"]] == ["passes: client c1", "passes"]
    said = explain_for(snapshot, CARS, "c2")
    assert [step["verdict"] for step in said["filters"]] == ["taken for client c2", "passes"]
    nobody = explain_for(snapshot, CARS)
    assert (nobody["status"], nobody["code"]) == (401, "credentials_missing")


@pytest.mark.parametrize(
    ("client", "said"), [("nobody", "accounts knows no client 'nobody'"), ("c3", "c3 is suspended")]
)
def test_clients_that_can_not_be_explained_for(snapshot: Snapshot, client: str, said: str) -> None:
    with pytest.raises(LookFailed, match=said):
        explain_for(snapshot, CARS, client)


def test_what_can_not_be_told_is_neither_yes_nor_no() -> None:
    step = {"kind": "python", "verdict": "has to ask somebody first, which is not done here", "reason": "", "why": ""}
    access = access_in({"code": None, "is_decided": False, "filters": [step]}, "c1", "One")
    assert access == Access("c1", "One", None, "python has to ask somebody first, which is not done here")
    answers = {**step, "verdict": "answers 418"}
    assert access_in({"code": None, "is_decided": True, "filters": [answers]}, "c1", "One").is_allowed is False


def test_what_is_no_request_is_not_the_replica_s_fault(snapshot: Snapshot) -> None:
    broken = Request("GET", "/api/cars", (("X", "a\r\nY: b"),))
    for client in (None, "c1"):
        with pytest.raises(ValueError, match="no line break"):
            explain_for(snapshot, broken, client)
