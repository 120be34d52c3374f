from moongate.core.errors import ROUTE_NOT_FOUND
from moongate.filters import Refusal, Response


def test_a_response_is_plain_text_and_200_unless_said() -> None:
    assert Response(body=b"hello") == Response(200, b"hello", ((b"Content-Type", b"text/plain; charset=utf-8"),))


def test_a_refusal_brings_no_fields_unless_said() -> None:
    assert Refusal(ROUTE_NOT_FOUND, "why").fields == ()
