import msgspec
import pytest

from moongate.core.plans import NamePlan, TargetPlan
from moongate.worker.messages import (
    IGNORED_SIGNALS,
    Abandon,
    Birth,
    Commit,
    Committed,
    Drain,
    Found,
    Leaving,
    Message,
    Order,
    Ping,
    Pong,
    Prepare,
    Prepared,
    ReplicaAnswer,
    ReplicaBroken,
    ReplicaChanged,
    ReplicaClosed,
    ReplicaContact,
    ReplicaOpened,
    ReplicaQuestion,
    ReplicaUsed,
    Report,
    Started,
)

NAME = NamePlan("http://cars.test:81", "cars.test", 81, tls=False, servers=(("10.0.0.2", 53),))
PLACE = TargetPlan("http://[::1]:81", "::1", 81, tls=False, weight=3, name="cars.test", priority=7)
FOUND = [Found([(NAME, (PLACE, PLACE))]), Found([])]
ORDERS = [Prepare(1, b"\x80"), Commit(2), Abandon(), *FOUND, Ping(), Drain(), Drain(at_once=True)]
ORDERS += [
    ReplicaOpened("var/r", {1: bytes(32)}, 900.0, float("-inf")),
    ReplicaClosed(),
    ReplicaChanged(["c1"], 5.5),
    ReplicaContact(7.0),
    ReplicaAnswer("key", "k", None),
]
REPORTS = [Prepared(1, ["a: b"]), Prepared(2, []), Committed(3), Pong(), Started(), Leaving()]
REPORTS += [ReplicaQuestion("client", "c"), ReplicaUsed({"k": 1}), ReplicaBroken("malformed")]


@pytest.mark.parametrize("message", ORDERS, ids=repr)
def test_an_order_is_the_same_on_the_other_side(message: Message) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(message), type=Order) == message


@pytest.mark.parametrize("message", REPORTS, ids=repr)
def test_a_report_is_the_same_on_the_other_side(message: Message) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(message), type=Report) == message


def test_a_worker_can_not_give_orders() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode(Drain()), type=Report)


def test_a_birth_fits_a_command_line() -> None:
    text = msgspec.json.encode(Birth(9, 1)).decode()
    assert msgspec.json.decode(text, type=Birth) == Birth(9, 1)
    assert len(IGNORED_SIGNALS) == 2
