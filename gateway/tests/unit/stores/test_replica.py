"""A worker's view over a real file: what it finds, how far that may be relied on, and what it asks."""

from __future__ import annotations

import asyncio
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from gateway_harness.replicas import (
    PEPPER,
    apply,
    client_item,
    fill,
    gone,
    item,
    key_record,
    new_store,
    public_id,
)
from moongate.stores.decision import Standing, Unavailable
from moongate.stores.records import Grant, Plan, Rate
from moongate.stores.replica import MAX_ABSENT, MAX_QUESTIONS, MAX_USED, Question, Replica

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from moongate.control.accounts.rows import Item
    from moongate.control.accounts.store import ReplicaStore

MAX_STALE = 900.0
FOREVER = float("inf")


class Control:
    """What the control process would do, by hand; it notes what it is asked (`stores.replica.Asking`)."""

    def __init__(self, store: ReplicaStore) -> None:
        self.store = store
        self.now = 1000.0
        self.questions: list[Question] = []
        self.uses: list[dict[str, int]] = []
        self.problems: list[str] = []
        self.replica = Replica(lambda: self.now)
        self.replica.asking = self

    def ask(self, question: Question) -> None:
        self.questions.append(question)

    def use(self, keys: Mapping[str, int]) -> None:
        self.uses.append(dict(keys))

    def complain(self, problem: str) -> None:
        self.problems.append(problem)

    def open(self, *items: Item) -> None:
        fill(self.store, *items)
        self.replica.opened(self.store.path, self.store.peppers, MAX_STALE, self.now)

    def find(self, number: int) -> str:
        """The client's status."""
        client = self.replica.find_client(f"c{number}")
        return "unknown" if client is None else client.status

    def change(self, *items: Item) -> None:
        apply(self.store, *items)
        self.replica.changed([each.id for each in items if each.kind == "client"], self.now)


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    control = Control(new_store(tmp_path))
    yield control
    control.replica.close()
    control.store.close()


def key(number: int) -> bytes:
    return public_id(number).encode()


def test_before_anything_was_heard_nothing_can_be_said() -> None:
    replica = Replica()
    assert replica.standing() is Standing.ABSENT
    assert replica.age() == FOREVER
    for find in (lambda: replica.find_key(key(1)), lambda: replica.find_client("c1")):
        with pytest.raises(Unavailable):
            find()
    replica.close()


def test_who_wants_to_know_is_told_of_whom_there_is_something_new(control: Control) -> None:
    heard: list[object] = []
    control.replica.heard = lambda clients: heard.append(None if clients is None else (control.find(1), [*clients]))
    control.open(client_item(1))
    control.change(client_item(1, status="suspended"), client_item(2))
    control.replica.contacted(control.now)
    assert heard == [None, ("suspended", ["c1", "c2"])], "once it can be looked up"


def test_a_key_its_client_and_what_the_client_has(control: Control) -> None:
    deny = {"resource": "a/b", "actions": ["*"], "effect": "deny"}
    control.open(
        item("plan", "p", {"name": "p", "rate": {"requests": 5, "seconds": 1}, "burst": 7}),
        item("role", "reader", {"name": "reader", "grants": [{"resource": "a/**", "actions": ["read"]}]}),
        item("role", "denier", {"name": "denier", "grants": [deny]}),
        client_item(
            1,
            plan="p",
            roles=["denier", "reader", "nowhere"],
            grants=[{"resource": "own", "actions": ["write"]}],
            certificates=[{"subject": "CN=one"}],
            revoked_tokens=[{"jti": "j", "exp": 1}],
        ),
    )
    known = control.replica.find_key(key(1))
    assert known is not None
    client = known.client
    assert known.key.id == key(1)
    assert client.plan == Plan("p", Rate(5, 1), 7)
    assert client.grants == (
        Grant("own", ("write",)),
        Grant("a/b", ("*",), "deny"),
        Grant("a/**", ("read",)),
    )
    assert client.revoked_tokens == {"j"}
    assert control.replica.find_client("c1") is client
    assert control.replica.find_certificate("CN=one") is client
    assert control.replica.pepper(known.key.pepper) == PEPPER
    assert control.replica.pepper(2) is None
    assert control.replica.loads == 1


def test_standings_in_their_order(control: Control) -> None:
    control.open(client_item(1))
    seen = []
    for age in (0.0, 5.0, 5.01, MAX_STALE, MAX_STALE + 0.01):
        control.now = 1000.0 + age
        seen.append(control.replica.standing())
    assert seen == [Standing.FRESH, Standing.FRESH, Standing.STALE, Standing.STALE, Standing.EXPIRED]
    control.replica.contacted(control.now)
    assert control.replica.standing() is Standing.FRESH
    control.replica.contacted(0.0)  # an older word takes nothing back
    assert control.replica.age() == 0.0
    control.replica.closed()
    assert control.replica.standing() is Standing.ABSENT


@pytest.mark.parametrize(
    ("before", "after", "look"),
    [
        ({}, {"status": "suspended"}, lambda client: client.status),
        ({"plan": "p"}, {"plan": "q"}, lambda client: client.plan),
        ({"roles": []}, {"roles": ["r"]}, lambda client: client.grants),
        ({}, {"not_before": 5}, lambda client: client.not_before),
        ({}, {"keys": [key_record(public_id(1), revoked_at=5)]}, lambda client: client.keys),
    ],
    ids=["status", "plan", "roles", "not-before", "revoked"],
)
def test_a_change_replaces_the_whole_record(
    control: Control, before: dict[str, Any], after: dict[str, Any], look: Callable[[Any], object]
) -> None:
    role = item("role", "r", {"name": "r", "grants": [{"resource": "x", "actions": ["read"]}]})
    control.open(item("plan", "p", {"name": "p"}), item("plan", "q", {"name": "q"}), role, client_item(1, **before))
    old, version = control.replica.find_key(key(1)), control.replica.version
    assert old is not None
    old.client.compiled = "something that was derived"
    control.change(client_item(1, **after))
    new = control.replica.find_key(key(1))
    assert new is not None
    assert new.client is not old.client
    assert new.client.compiled is None
    assert look(new.client) != look(old.client)
    assert control.replica.version > version


def test_a_role_that_changes_changes_its_clients(control: Control) -> None:
    role = {"name": "r", "grants": [{"resource": "x", "actions": ["read"]}]}
    control.open(item("role", "r", role), client_item(1, roles=["r"]))
    old = control.replica.find_client("c1")
    assert old is not None
    apply(control.store, item("role", "r", {"name": "r"}))
    control.replica.opened(control.store.path, control.store.peppers, MAX_STALE, control.now)
    new = control.replica.find_client("c1")
    assert new is not None
    assert (len(old.grants), len(new.grants)) == (1, 0)


def test_a_deleted_client_and_a_new_one_are_seen_at_once(control: Control) -> None:
    control.open(client_item(1))
    assert control.replica.find_key(key(1))
    assert control.replica.find_key(key(2)) is None
    control.change(gone("client", "c1"), client_item(2))
    assert control.replica.find_key(key(1)) is None
    assert control.replica.find_client("c1") is None
    assert control.replica.find_key(key(2)) is not None


def test_a_key_that_is_taken_from_its_client(control: Control) -> None:
    control.open(client_item(1))
    assert control.replica.find_key(key(1))
    control.change(client_item(1, keys=[key_record(public_id(3))]))
    assert control.replica.find_key(key(1)) is None
    assert control.replica.find_key(key(3)) is not None


def test_what_is_absent_is_read_once_for_each_version(control: Control) -> None:
    control.open()
    for _ in range(3):
        assert control.replica.find_key(key(1)) is None
    assert control.replica.loads == 1
    control.change(client_item(2))
    assert control.replica.find_key(key(1)) is None
    assert control.replica.loads == 2


def test_unknown_keys_without_number_take_no_memory_and_ask_nobody(control: Control) -> None:
    control.open(client_item(1))
    for number in range(MAX_ABSENT):
        control.replica.find_key(key(number))
    tracemalloc.start()
    for number in range(MAX_ABSENT, 3 * MAX_ABSENT):
        assert control.replica.find_key(key(number)) is None
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 4 * 1024 * 1024
    assert control.questions == []


def test_one_question_for_all_who_wait(control: Control) -> None:
    async def ask() -> None:
        control.open()
        waiting = [asyncio.ensure_future(control.replica.ask_key(key(1))) for _ in range(20)]
        await asyncio.sleep(0)
        assert control.questions == [Question("key", public_id(1))]
        waiting.pop().cancel()  # somebody's client went away
        control.change(client_item(1))
        control.replica.answered(Question("key", public_id(1)), known=True)
        assert await asyncio.gather(*waiting) == [True] * 19
        assert control.replica.find_key(key(1)) is not None
        assert control.replica.asks == 1

    asyncio.run(ask())


def test_a_no_holds_for_five_seconds(control: Control) -> None:
    async def ask() -> None:
        control.open()
        for _ in range(2):
            waiting = asyncio.ensure_future(control.replica.ask_client("c1"))
            await asyncio.sleep(0)
            control.replica.answered(Question("client", "c1"), known=False)
            assert await waiting is False
            assert await control.replica.ask_client("c1") is False
            control.now += 5.01
        assert control.questions == [Question("client", "c1")] * 2

    asyncio.run(ask())


def test_silence_is_no_answer(control: Control) -> None:
    async def ask() -> None:
        control.open()
        with pytest.raises(Unavailable):
            await control.replica.ask_key(key(1))  # the time that is given to control passes
        waiting = asyncio.ensure_future(control.replica.ask_key(key(1)))
        await asyncio.sleep(0)
        control.replica.answered(Question("key", public_id(1)), known=None)
        with pytest.raises(Unavailable):
            await waiting
        assert len(control.questions) == 2

    asyncio.run(ask())


def test_questions_are_bounded(control: Control) -> None:
    async def ask() -> None:
        control.open()
        waiting = [asyncio.ensure_future(control.replica.ask_key(key(n))) for n in range(MAX_QUESTIONS + 5)]
        await asyncio.sleep(0)
        assert len(control.questions) == MAX_QUESTIONS
        assert sum(each.done() for each in waiting) == 0 or all(each.exception() for each in waiting if each.done())
        for question in list(control.questions):
            control.replica.answered(question, known=False)
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert sum(isinstance(each, Unavailable) for each in results) == 5

    asyncio.run(ask())


def test_an_answer_to_nobody_is_nothing(control: Control) -> None:
    control.open()
    control.replica.answered(Question("key", "x"), known=True)


def test_the_use_of_keys_is_reported_in_batches(control: Control) -> None:
    control.open()
    control.replica.used(key(1), 100)
    control.replica.used(key(1), 101)
    control.replica.report_used()
    control.replica.report_used()
    assert control.uses == [{public_id(1): 101}]
    for number in range(MAX_USED + 1):
        control.replica.used(key(number), 7)
    assert [len(each) for each in control.uses] == [1, MAX_USED]


def test_stale_serves_are_taken_once(control: Control) -> None:
    control.replica.stale_serves += 2
    assert (control.replica.take_stale_serves(), control.replica.take_stale_serves()) == (2, 0)


def test_a_broken_file_is_no_verdict_and_is_told(control: Control) -> None:
    control.open(*(client_item(number) for number in range(300)))
    control.store.close()
    with open(control.store.path, "r+b") as file:  # noqa: PTH123
        file.seek(4096)
        file.write(b"\xaa" * 4096 * 20)
    control.replica.opened(control.store.path, {}, MAX_STALE, control.now)

    def find_all() -> None:
        for number in range(300):
            control.replica.find_key(key(number))

    with pytest.raises(Unavailable):
        find_all()
    assert control.replica.standing() is Standing.ABSENT
    assert len(control.problems) == 1


def test_a_file_that_can_not_be_opened_now_may_be_later(control: Control, tmp_path: Path) -> None:
    fill(control.store, client_item(1))
    elsewhere = tmp_path / "elsewhere.sqlite"
    control.replica.opened(str(elsewhere), {}, MAX_STALE, control.now)
    assert control.replica.standing() is Standing.ABSENT
    assert control.problems == []
    elsewhere.symlink_to(control.store.path)
    control.replica.contacted(control.now)
    assert control.replica.standing() is Standing.FRESH
