"""Admins and their tokens, on both engines."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from accounts.bootstrap.wiring import Services
from accounts.domain.errors import (
    DuplicateNameError,
    InvalidValueError,
    NotAuthenticatedError,
    NotFoundError,
    StateConflictError,
)
from accounts.service import admins
from accounts.service.admins import TokenDraft
from accounts.service.bootstrapping import Beginning
from accounts.service.ports import AuditQuery, Transaction


def test_a_token_is_its_admin_until_it_ends(services: Services, beginning: Beginning) -> None:
    now, peppers, pepper = services.clock(), services.peppers.all(), services.peppers.current()
    admin = services.store.write(lambda tx: admins.create(tx, "eve", None, now))
    made = services.store.write(
        lambda tx: admins.create_token(tx, admin.id, TokenDraft("laptop", now // 1_000_000 + 60), pepper, now)
    )

    def ask(text: str, at: int) -> str:
        return services.store.read(lambda tx: admins.authenticate(tx, text, peppers, at))[0].name

    assert (ask(made.text, now), ask(beginning.admin_token, now)) == ("eve", "admin")
    for text, at in ((made.text, now + 60_000_000), (beginning.gateway_token, now), ("", now)):
        with pytest.raises(NotAuthenticatedError):
            ask(text, at)
    services.store.write(lambda tx: admins.remove_token(tx, admin.id, made.token.id))
    with pytest.raises(NotAuthenticatedError):
        ask(made.text, now)
    with pytest.raises(NotFoundError):
        services.store.write(lambda tx: admins.remove_token(tx, admin.id, made.token.id))


def test_somebody_is_always_left_to_let_others_in(services: Services) -> None:
    first = services.store.read(lambda tx: tx.admins.all())[0]
    with pytest.raises(StateConflictError):
        services.store.write(lambda tx: admins.remove(tx, first.id))
    services.store.write(lambda tx: admins.create(tx, "eve", None, services.clock()))
    with pytest.raises(DuplicateNameError):
        services.store.write(lambda tx: admins.create(tx, "eve", None, services.clock()))
    services.store.write(lambda tx: admins.remove(tx, first.id))
    assert [admin.name for admin in services.store.read(lambda tx: tx.admins.all())] == ["eve"]


def test_one_name_is_one_admin_whichever_keyboard_typed_it(services: Services) -> None:
    eve = services.store.write(lambda tx: admins.create(tx, "E\u0301ve", None, services.clock()))
    assert eve.name == "\u00c9ve"
    for name in ("E\u0301ve", "\u00c9ve"):
        assert services.store.read(lambda tx, name=name: tx.admins.by_name(name)) == eve
        with pytest.raises(DuplicateNameError):
            services.store.write(lambda tx, name=name: admins.create(tx, name, None, services.clock()))
    with pytest.raises(InvalidValueError):
        services.store.write(lambda tx: admins.create(tx, "\u00c9ve ", None, services.clock()))


def test_a_password_is_known_by_its_slow_hash_alone(services: Services) -> None:
    kept = admins.hash_password(services.passwords, "correct horse battery")
    first = services.store.read(lambda tx: tx.admins.all())[0]
    admin = services.store.write(lambda tx: admins.set_password(tx, first.id, kept))
    assert services.store.read(lambda tx: admins.find(tx, first.id)) == admin
    assert admins.is_password_of(admin, "correct horse battery", services.passwords)
    assert not admins.is_password_of(admin, kept, services.passwords)
    assert not admins.is_password_of(None, "correct horse battery", services.passwords)
    with pytest.raises(InvalidValueError):
        admins.hash_password(services.passwords, "short")


def outcomes(services: Services, *works: Callable[[Transaction], object]) -> Counter[str]:
    """What becomes of works that are done at the same time."""
    together = Barrier(len(works))

    def run(work: Callable[[Transaction], object]) -> str:
        together.wait(30)
        try:
            services.store.write(work)
        except (NotFoundError, StateConflictError) as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(len(works)) as threads:
        return Counter(threads.map(run, works))


def test_an_admin_is_removed_once_and_nothing_is_given_to_it_afterwards(services: Services) -> None:
    pepper, now = services.peppers.current(), services.clock()
    for number in range(8):
        eve = services.store.write(lambda tx, n=number: admins.create(tx, f"eve {n}", None, now)).id

        def remove(tx: Transaction, ident: str = eve) -> None:
            admins.remove(tx, ident)

        def give(tx: Transaction, ident: str = eve) -> None:
            admins.create_token(tx, ident, TokenDraft("x"), pepper, now)

        def change(tx: Transaction, ident: str = eve) -> None:
            admins.set_password(tx, ident, None)

        found = outcomes(services, remove, remove, give, change)
        assert found["StateConflictError"] == 0
        assert found["NotFoundError"] >= 1
        told = services.store.read(lambda tx, ident=eve: tx.audit.page(AuditQuery(10, f"admin/{ident}")))
        topics = [entry.topic for entry in told]
        assert (topics[0], topics.count("admin.removed")) == ("admin.removed", 1)
