import msgspec
import pytest

from moongate.core.plans import NamePlan, TargetPlan
from moongate.observe.counts import Counts, Histogram, Outcomes
from moongate.stores.provider import UNAVAILABLE, Answer, Granted, Provider, Question
from moongate.upstream.state import TargetState
from moongate.worker.messages import (
    IGNORED_SIGNALS,
    Abandon,
    Avoid,
    Birth,
    Commit,
    Committed,
    Count,
    Counted,
    Drain,
    Found,
    Inspect,
    Inspected,
    KeysAnswered,
    KeysGone,
    KeysHeld,
    KeysWanted,
    Leaving,
    LoginAnswered,
    LoginAsked,
    Message,
    Order,
    Prepare,
    Prepared,
    ProviderHeld,
    ReplicaAnswer,
    ReplicaBroken,
    ReplicaChanged,
    ReplicaClosed,
    ReplicaContact,
    ReplicaOpened,
    ReplicaQuestion,
    ReplicaUsed,
    Report,
    SessionKeysHeld,
    SigningKeyHeld,
    Started,
)

NAME = NamePlan("http://cars.test:81", "cars.test", 81, tls=False, servers=(("10.0.0.2", 53),))
PLACE = TargetPlan("http://[::1]:81", "::1", 81, tls=False, weight=3, name="cars.test", priority=7)
FOUND = [Found([(NAME, (PLACE, PLACE))]), Found([])]
ORDERS = [
    Prepare(1, b"\x80"),
    Commit(2),
    Abandon(),
    *FOUND,
    Count(3),
    Count(4, is_whole=False),
    Inspect(4),
    Avoid(["http://a:1"]),
    Drain(),
    Drain(at_once=True, has_notice=False),
]
ORDERS += [
    ReplicaOpened("var/r", {1: bytes(32)}, 900.0, float("-inf")),
    ReplicaClosed(),
    ReplicaChanged(["c1"], 5.5),
    ReplicaContact(7.0),
    ReplicaAnswer("key", "k", None),
]
COUNTS = Counts(
    [(("r", "s", "GET", 200), 7)], [(("r", "s"), Histogram([1, 2], 0.5))], [("s", Histogram([3]))], {"a": 1}, {"s": 2}
)
ORDERS += [
    KeysHeld("https://a", "{}", True),
    KeysGone("https://a"),
    KeysAnswered("https://a", 30.0),
    SigningKeyHeld("k", b"{}", "moongate", b"{}"),
    SessionKeysHeld([b"1", b"2"]),
    ProviderHeld("https://a", Provider("https://a/authorize", "", names_itself=True)),
    LoginAnswered(7, Answer("granted", Granted("i", "r", 300.0, "openid"))),
    LoginAnswered(8, UNAVAILABLE),
]
REPORTS = [
    Prepared(1, ["a: b"]),
    Prepared(2, []),
    Committed(3),
    Counted(4, Outcomes(3, 1, 1), COUNTS, 0.25, 3, 9),
    Counted(0, Outcomes(), None, 0.25, 3, 9),
    Inspected(5, [TargetState("s", "http://a:1", 3, 1, 2, 0, 4, None)]),
    Started(),
    Leaving(),
]
REPORTS += [ReplicaQuestion("client", "c"), ReplicaUsed({"k": 1}), ReplicaBroken("malformed"), KeysWanted("https://a")]
REPORTS += [LoginAsked(1, Question("p", "authorization_code", "c", "https://b/cb", "v"))]


@pytest.mark.parametrize("message", ORDERS, ids=repr)
def test_an_order_is_the_same_on_the_other_side(message: Message) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(message), type=Order) == message


@pytest.mark.parametrize("message", REPORTS, ids=repr)
def test_a_report_is_the_same_on_the_other_side(message: Message) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(message), type=Report) == message


def test_a_worker_can_not_give_orders() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode(Drain()), type=Report)


def test_no_secret_of_a_login_is_shown() -> None:
    assert "secret" not in repr(LoginAsked(1, Question("p", "refresh_token", "secret")))
    assert "secret" not in repr(LoginAnswered(1, Answer("granted", Granted("secret", "secret"))))
    assert "secret" not in repr(SessionKeysHeld([b"secret"]))


def test_a_birth_fits_a_command_line() -> None:
    text = msgspec.json.encode(Birth(9, 1)).decode()
    assert msgspec.json.decode(text, type=Birth) == Birth(9, 1)
    assert len(IGNORED_SIGNALS) == 2
