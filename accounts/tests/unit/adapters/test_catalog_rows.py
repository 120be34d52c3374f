"""Roles and plans in SQL, on both engines."""

import threading

from accounts.bootstrap.wiring import Services
from accounts.domain.errors import AccountsError
from accounts.service import clients, roles
from accounts.service.clients import ClientDraft
from servicekit.core.values import ANY


def test_names_are_pages_in_the_order_of_ascii(services: Services) -> None:
    for name in ("b", "a-1", "a_1", "a1"):
        services.store.write(lambda tx, name=name: roles.create(tx, name, (), 1))
    found = services.store.read(lambda tx: tx.roles.page("", 10))
    assert [role.name for role in found] == ["a-1", "a1", "a_1", "b"]
    assert [role.name for role in services.store.read(lambda tx: tx.roles.page("a1", 1))] == ["a_1"]


def test_a_role_is_not_removed_under_a_client_that_takes_it(services: Services) -> None:
    """Whoever is first wins; the other is refused in words, and no client is left with a role that is gone."""
    outcomes: set[str] = set()
    for number in range(10):
        name = f"role-{number}"
        services.store.write(lambda tx, name=name: roles.create(tx, name, (), 1))
        barrier = threading.Barrier(2)

        def take(name: str = name, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            try:
                draft = ClientDraft(name, roles=(name,))
                services.store.write(lambda tx: clients.create(tx, draft, services.clock()))
            except AccountsError as error:
                outcomes.add(type(error).__name__)

        thread = threading.Thread(target=take)
        thread.start()
        barrier.wait()
        try:
            services.store.write(lambda tx, name=name: roles.remove(tx, name, ANY))
        except AccountsError as error:
            outcomes.add(type(error).__name__)
        thread.join()
    assert outcomes <= {"InvalidValueError", "StateConflictError"}
    assert list(services.verify()) == []
