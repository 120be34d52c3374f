"""No service sees a session."""

import pickle

from gateway_harness.exchanges import exchange_of, sent_fields
from moongate.filters import Tools
from moongate.filters.session_cookies import SessionCookiesPlan

STEP = SessionCookiesPlan().bind(Tools())


def test_only_the_gateways_own_stay_here() -> None:
    exchange = exchange_of(b"Cookie: a=1; __Host-moongate-session-1=x; b=2", b"cookie: moongate-login-1-2=y", b"Z: 1")
    assert STEP(exchange) is None
    assert sent_fields(exchange) == b"Z: 1\r\nCookie: a=1; b=2\r\n"


def test_a_request_without_any_is_not_touched() -> None:
    for line in (b"Cookie: a=1", b"X: moongate-session-1=x", b"Cookie: a=moongate-session-1=x"):
        exchange = exchange_of(line)
        STEP(exchange)
        assert exchange.edits is None


def test_the_same_fields_have_the_same_edits() -> None:
    line = b"Cookie: moongate-session-1=x"
    one, same, other = exchange_of(line), exchange_of(line), exchange_of(line + b"y")
    for each in (one, same, other):
        STEP(each)
    assert one.edits is same.edits
    assert one.edits is not other.edits
    for number in range(2000):
        STEP(exchange_of(line + b"%d" % number))
    assert len(STEP._edits) <= 256  # type: ignore[attr-defined]


def test_the_plan_travels() -> None:
    plan = SessionCookiesPlan()
    assert pickle.loads(pickle.dumps(plan)) == plan
    assert (plan.kind, plan.describe()) == ("session_cookies", {})
