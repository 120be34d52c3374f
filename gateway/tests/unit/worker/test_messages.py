import msgspec
import pytest

from moongate.worker.messages import (
    IGNORED_SIGNALS,
    Abandon,
    Birth,
    Commit,
    Committed,
    Drain,
    Leaving,
    Message,
    Order,
    Ping,
    Pong,
    Prepare,
    Prepared,
    Report,
    Started,
)

ORDERS = [Prepare(1, b"\x80"), Commit(2), Abandon(), Ping(), Drain(), Drain(at_once=True)]
REPORTS = [Prepared(1, ["a: b"]), Prepared(2, []), Committed(3), Pong(), Started(), Leaving()]


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
