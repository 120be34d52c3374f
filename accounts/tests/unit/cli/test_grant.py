"""`accounts grant`, on both engines."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from accounts.bootstrap.wiring import Services
from accounts.cli.main import main
from accounts.service import roles
from accounts_harness.commands import Run, RunJson
from accounts_harness.making import make_client


def test_grants_of_a_client(services: Services, run: Run, run_json: RunJson) -> None:
    make_client(services)
    add = ("grant", "add", "Acme", "inventory/cars/*", "read", "create")
    made = run_json(*add, "--query", "label=fleet=acme", "--expires", "30d")
    assert (made["actions"], made["constraint"]) == (["read", "create"], {"query": {"label": "fleet=acme"}})
    denied = run_json("grant", "add", "Acme", "inventory/cars/1", "*", "--deny")
    again = run_json("grant", "add", "Acme", "inventory/cars/1", "*", "--deny", "--if-absent")
    assert again["id"] == denied["id"]
    assert [grant["id"] for grant in run_json("grant", "list", "Acme")] == [made["id"], denied["id"]]
    assert "inventory/cars/*" in run("grant", "list", "Acme")
    assert run_json("grant", "remove", "Acme", made["id"]) == {"removed": made["id"]}
    assert [grant["id"] for grant in run_json("grant", "list", "Acme")] == [denied["id"]]
    assert "has a segment 1 that is empty" in run("grant", "add", "Acme", "/cars", "read", status=1)


def test_grants_of_a_role(services: Services, run: Run, run_json: RunJson) -> None:
    services.store.write(lambda tx: roles.create(tx, "reader", (), 1))
    for resource in ("a/*", "b/*", "a/*"):
        run("grant", "add", "role/reader", resource, "read", "--if-absent")
    assert [grant["resource"] for grant in run_json("grant", "list", "role/reader")] == ["a/*", "b/*"]
    run("grant", "remove", "role/reader", "1")
    assert [grant["resource"] for grant in run_json("grant", "list", "role/reader")] == ["b/*"]
    for wrong in ("0", "2", "x", "9" * 5000):
        assert "there is no grant" in run("grant", "remove", "role/reader", wrong, status=1)


@pytest.mark.usefixtures("environment")
def test_what_several_add_to_a_role_at_once_is_all_there(services: Services) -> None:
    services.store.write(lambda tx: roles.create(tx, "reader", (), 1))
    together = Barrier(6)

    def add(number: int) -> int:
        together.wait(30)
        return main(["grant", "add", "role/reader", f"cars/{number}", "*", "--deny"])

    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(add, range(6))) == {0}
    found = services.store.read(lambda tx: roles.find(tx, "reader"))
    assert {grant.resource for grant in found.grants} == {f"cars/{number}" for number in range(6)}
