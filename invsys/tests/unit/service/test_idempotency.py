"""Requests that happen once, on both engines."""

import threading

import pytest

from invsys.bootstrap.wiring import Services
from invsys.domain.errors import DuplicateNameError, InventoryError, KeyReusedError, RequestRunningError
from invsys.domain.kind import Kind
from invsys.service import resources
from invsys.service.idempotency import Answer, RequestKey, once
from invsys.service.ports import ChangeQuery, Transaction
from invsys.service.resources import ResourceDraft

CAR = Kind("car", "cars")
REQUEST = RequestKey("key", "print")


def make(tx: Transaction, name: str) -> Answer:
    return Answer(201, {"X": "1"}, resources.create(tx, CAR, ResourceDraft(name), 1).id)


def refuse(error: InventoryError) -> Answer:
    return Answer(409, {}, type(error).__name__)


def ask(services: Services, name: str, request: RequestKey = REQUEST) -> Answer:
    return services.store.write(lambda tx: once(tx, request, lambda: make(tx, name), refuse, 1))


def test_the_second_time_is_a_replay(services: Services) -> None:
    first = ask(services, "a")
    again = ask(services, "a")
    assert (again.status, again.headers, again.body) == (201, {"X": "1"}, first.body)
    assert (first.is_replay, again.is_replay) == (False, True)
    assert services.store.read(lambda tx: tx.changes.last()) == 1


def test_a_refusal_is_an_answer_too_and_its_work_is_undone(services: Services) -> None:
    def half(tx: Transaction) -> Answer:
        make(tx, "half")
        raise DuplicateNameError("car", "x")

    def run() -> Answer:
        return services.store.write(lambda tx: once(tx, REQUEST, lambda: half(tx), refuse, 1))

    assert (run().status, run().status, run().is_replay) == (409, 409, True)
    assert services.store.read(lambda tx: tx.changes.page(ChangeQuery(0, 10))) == []


def test_a_key_stands_for_one_request(services: Services) -> None:
    ask(services, "a")
    with pytest.raises(KeyReusedError):
        ask(services, "b", RequestKey("key", "other print"))
    assert ask(services, "b", RequestKey("other key", "other print")).status == 201


def test_twins_at_once_have_one_effect(services: Services) -> None:
    answers: list[str] = []
    barrier = threading.Barrier(4)

    def run() -> None:
        barrier.wait()
        try:
            answers.append(ask(services, "a").body)
        except RequestRunningError:
            answers.append("running")

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers) - {"running"}) == 1
    assert len(answers) == 4
    assert services.store.read(lambda tx: tx.changes.last()) == 1


def test_old_answers_are_forgotten(services: Services) -> None:
    ask(services, "a")
    services.store.write(lambda tx: tx.idempotency.forget(1))
    assert ask(services, "a").is_replay
    services.store.write(lambda tx: tx.idempotency.forget(2))
    assert ask(services, "b").is_replay is False
