import pickle

from moongate.core.exchange import Exchange
from moongate.filters import Tools
from moongate.filters.fields import FieldsPlan

LINES = b"Accept: a\r\nX-Old: 1\r\nX-Gone: 2\r\n"


def exchange() -> Exchange:
    return Exchange(b"id-1", 1, None, "192.0.2.7", 0.0)


def plan(kind: str = "request_headers") -> FieldsPlan:
    assert kind in ("request_headers", "response_headers")
    return FieldsPlan(kind, ((b"X-Old", b"new"),), ((b"Accept", b"b"),), (b"x-gone",))  # type: ignore[arg-type]


def test_request_fields_are_set_added_and_removed() -> None:
    one = exchange()
    assert plan().bind(Tools())(one) is None
    assert one.edits is not None
    assert one.edits.apply(LINES) == b"Accept: a\r\nX-Old: new\r\nAccept: b\r\n"
    assert one.response_edits is None


def test_response_fields_are_too() -> None:
    one = exchange()
    assert plan("response_headers").bind(Tools())(one) is None
    assert one.response_edits is not None
    assert one.response_edits.apply(LINES) == b"Accept: a\r\nX-Old: new\r\nAccept: b\r\n"
    assert one.edits is None


def test_two_of_them_come_one_after_the_other() -> None:
    one = exchange()
    plan().bind(Tools())(one)
    FieldsPlan("request_headers", ((b"X-Old", b"newer"),)).bind(Tools())(one)
    assert one.edits is not None
    assert one.edits.apply(LINES) == b"Accept: a\r\nAccept: b\r\nX-Old: newer\r\n"


def test_a_plan_travels_and_describes_itself_without_what_was_put_in() -> None:
    secret = FieldsPlan("request_headers", ((b"X-Key", b"s3cret"),), written=((b"X-Key", "${KEY}"),))
    assert pickle.loads(pickle.dumps(secret)) == secret
    assert secret.describe() == {"set": {"X-Key": "${KEY}"}}
    assert plan().describe() == {"set": {"X-Old": "new"}, "add": {"Accept": "b"}, "remove": ["x-gone"]}
