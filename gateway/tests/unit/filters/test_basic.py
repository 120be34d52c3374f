"""Names and passwords: every way to write them, and what is remembered."""

import asyncio
import base64
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_harness.exchanges import exchange_of
from gateway_harness.known_accounts import KnownAccounts, client_record, later, now_of
from gateway_harness.passwords import argon2ed, basic, bcrypted
from moongate.core.limits import FAILED_CREDENTIALS
from moongate.filters import Refusal, Tools
from moongate.filters.authenticate import Found, Proof
from moongate.filters.basic import REMEMBERED_SECONDS, Basic, BasicPlan, _Names
from moongate.filters.failures import Failures

USERS = (("ada", bcrypted("pass")), ("bob", argon2ed("p:w")), ("zoë", bcrypted("päß")), ("nil", bcrypted("")))
PLAN = BasicPlan(USERS, "Warehouse")


class Aside:
    """filters.port.Passwords: counts, and says None while it is ``full``."""

    def __init__(self) -> None:
        self.checks = 0
        self.full = False

    async def check(self, digest: bytes, check: Callable[[], bool]) -> bool | None:
        self.checks += 1
        return None if self.full else check()


def method(plan: BasicPlan = PLAN, **tools: object) -> Basic:
    bound = plan.bind(Tools(seconds=lambda: 1000.0, **tools))  # type: ignore[arg-type]
    assert isinstance(bound, Basic)
    return bound


def outcome(found: Found) -> str | None:
    if isinstance(found, Proof):
        return found.identity.client
    return found.reason if isinstance(found, Refusal) else None


def shown(octets: bytes) -> bytes:
    return b"Authorization: Basic " + base64.b64encode(octets)


ONE = method()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (basic("ada", "pass").encode(), "ada"),
        (basic("bob", "p:w").encode(), "bob"),
        (basic("zoë", "päß").encode(), "zoë"),
        (basic(*(unicodedata.normalize("NFD", each) for each in ("zoë", "päß"))).encode(), "zoë"),
        (basic("nil", "").encode(), "nil"),
        (b"authorization:basic   " + base64.b64encode(b"ada:pass"), "ada"),
        (basic("ada", "Pass").encode(), "basic_refused"),
        (basic("Ada", "pass").encode(), "basic_refused"),
        (basic("eve", "pass").encode(), "basic_refused"),
        (basic("bob", "p").encode(), "basic_refused"),
        (basic("", "pass").encode(), "basic_malformed"),
        (shown(b"ada"), "basic_malformed"),
        (shown(b"zo\xeb:p\xe4\xdf"), "basic_malformed"),
        (shown(b"ada:pass\n"), "basic_malformed"),
        (shown(b"ada:pa\0ss"), "basic_malformed"),
        (shown(b"ada:" + b"x" * 1025), "basic_malformed"),
        (b"Authorization: Basic", None),
        (b"Authorization: Basic ", None),
        (b"Authorization: Basic !!!", "basic_malformed"),
        (b"Authorization: Basic YWRhOnBhc3M", "basic_malformed"),
        (b"Authorization: Basic YWRhOnBhc3M==", "basic_malformed"),
        (b"Authorization: Basic YWRh OnBhc3M=", "basic_malformed"),
        (b"Authorization: Bearer YWRhOnBhc3M=", None),
        (b"X-Other: 1", None),
    ],
)
def test_what_is_shown(line: bytes, expected: str | None) -> None:
    found = now_of(ONE(exchange_of(line)))
    assert outcome(found) == expected
    if isinstance(found, Refusal):
        assert found.failure.status == 401
    if isinstance(found, Proof):
        assert (found.identity.credential, found.carrier) == ("basic", b"authorization")


@given(st.binary(max_size=40))
def test_no_octets_are_let_in_or_break_it(octets: bytes) -> None:
    assert outcome(now_of(ONE(exchange_of(shown(octets) or b"X: y")))) in (None, "basic_malformed", "basic_refused")


def test_a_password_is_checked_once_right_or_wrong() -> None:
    aside = Aside()
    now = [1000.0]
    one = PLAN.bind(Tools(seconds=lambda: now[0], passwords=aside))
    for line, expected in ((basic("ada", "pass"), "ada"), (basic("ada", "x"), "basic_refused")):
        for _ in range(3):
            assert outcome(asyncio.run(later(one(exchange_of(line.encode()))))) == expected
    assert aside.checks == 2
    now[0] += REMEMBERED_SECONDS
    assert outcome(asyncio.run(later(one(exchange_of(basic("ada", "pass").encode()))))) == "ada"
    assert aside.checks == 3


def test_another_file_is_not_asked_with_what_was_right_in_this_one() -> None:
    tools = Tools(seconds=lambda: 1000.0)
    before, after = PLAN.bind(tools), BasicPlan((("ada", bcrypted("new")),), "Warehouse").bind(tools)
    line = basic("ada", "pass").encode()
    assert outcome(now_of(before(exchange_of(line)))) == "ada"
    assert outcome(now_of(after(exchange_of(line)))) == "basic_refused"


def test_whoever_does_not_exist_costs_the_same_check() -> None:
    aside = Aside()
    one = method(passwords=aside)
    for name in ("ada", "eve", "mallory"):
        assert outcome(asyncio.run(later(one(exchange_of(basic(name, "wrong").encode()))))) == "basic_refused"
    assert aside.checks == 3


def test_the_decoy_s_own_password_opens_nothing() -> None:
    one = method(BasicPlan((("ada", bcrypted("pass")),), "Warehouse"))
    assert outcome(now_of(one(exchange_of(basic("eve", "pass").encode())))) == "basic_refused"


def test_too_many_that_wait_are_no_verdict_about_the_password() -> None:
    aside = Aside()
    aside.full = True
    one = method(passwords=aside)
    found = asyncio.run(later(one(exchange_of(basic("ada", "pass").encode()))))
    assert (found.failure.status, found.reason) == (503, "basic_queue_full")
    aside.full = False
    assert outcome(asyncio.run(later(one(exchange_of(basic("ada", "pass").encode()))))) == "ada"


def test_a_client_that_accounts_must_know() -> None:
    known = KnownAccounts(client_record("ada"))
    one = method(BasicPlan(USERS, "Warehouse", is_known=True), accounts=known)
    found = now_of(one(exchange_of(basic("ada", "pass").encode())))
    assert found.identity.record.id == "ada"
    assert outcome(now_of(one(exchange_of(basic("bob", "p:w").encode())))) == "basic_client_unknown"
    known.replace()
    assert outcome(now_of(one(exchange_of(basic("ada", "pass").encode())))) == "basic_client_unknown"
    with pytest.raises(ValueError, match="no `accounts`"):
        method(BasicPlan(USERS, "Warehouse", is_known=True))


def test_a_plan_tells_no_hash() -> None:
    assert PLAN.describe() == {"users": 4, "realm": "Warehouse", "known_to_accounts": False}
    assert PLAN.challenge == b'Basic realm="Warehouse", charset="UTF-8"'
    assert "$2" not in repr(PLAN)
    assert PLAN.hidden == USERS


def attempt(one: Basic, name: str, password: str, remote: str = "192.0.2.7", started: float = 100.0) -> str | None:
    exchange = exchange_of(basic(name, password).encode(), started=started)
    exchange.remote = remote
    return outcome(asyncio.run(later(one(exchange))))


def test_an_address_that_was_wrong_too_often_has_no_password_checked() -> None:
    aside, failures = Aside(), Failures(3)
    tools = Tools(seconds=lambda: 1000.0, passwords=aside, kept={Failures: failures})
    one = PLAN.bind(tools)
    assert isinstance(one, Basic)
    assert attempt(one, "ada", "pass") == "ada"
    for _ in range(3):
        failures.count("192.0.2.7", 100.0)
    assert attempt(one, "bob", "p:w") == "basic_unjudged"
    assert aside.checks == 1
    assert attempt(one, "ada", "pass") == "ada", "who is known goes on"
    assert attempt(one, "bob", "p:w", remote="192.0.2.8") == "bob"
    assert attempt(one, "bob", "p:w", started=120.0) == "bob"


def test_a_name_that_is_guessed_at_from_everywhere_is_guessed_at_no_longer() -> None:
    aside = Aside()
    one = method(passwords=aside)
    assert attempt(one, "ada", "pass") == "ada"
    outcomes = [attempt(one, "ada", f"guess-{number}", f"192.0.2.{number}") for number in range(150)]
    assert outcomes == ["basic_refused"] * 100 + ["basic_unjudged"] * 50
    assert attempt(one, "ada", "pass", "198.51.100.1") == "ada", "and goes on for whoever was right before"
    assert attempt(one, "bob", "p:w") == "bob"


def test_an_old_password_that_is_shown_again_and_again_is_one_guess() -> None:
    one = method(passwords=Aside())
    assert {attempt(one, "ada", "old") for _ in range(300)} == {"basic_refused"}
    assert attempt(one, "ada", "pass") == "ada"


def test_a_right_password_is_remembered_for_as_long_as_it_is_used() -> None:
    aside, now = Aside(), [1000.0]
    one = PLAN.bind(Tools(seconds=lambda: now[0], passwords=aside))
    assert isinstance(one, Basic)
    for _ in range(10):
        assert attempt(one, "ada", "pass") == "ada"
        now[0] += REMEMBERED_SECONDS - 1
    assert aside.checks == 1
    now[0] += 2
    assert attempt(one, "ada", "pass") == "ada"
    assert aside.checks == 2


def test_whoever_hangs_up_while_a_password_is_checked_is_counted() -> None:
    class Endless:
        async def check(self, digest: bytes, check: Callable[[], bool]) -> bool | None:
            return await asyncio.get_running_loop().create_future()

    async def hang_up(one: Basic, number: int) -> None:
        asking = asyncio.ensure_future(later(one(exchange_of(basic("ada", f"wrong {number}").encode()))))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait((asking,))

    async def attack() -> Found:
        one = method(passwords=Endless())
        for number in range(FAILED_CREDENTIALS):
            await hang_up(one, number)
        return now_of(one(exchange_of(basic("ada", "wrong").encode())))

    assert outcome(asyncio.run(attack())) == "basic_unjudged"


def test_what_is_counted_of_a_name_is_short() -> None:
    tools = Tools(seconds=lambda: 1000.0)
    one = BasicPlan((("ada", bcrypted("pass")),), "Warehouse").bind(tools)
    for number in range(5):
        assert outcome(now_of(one(exchange_of(shown(b"%d" % number + b"n" * 1000 + b":x"))))) == "basic_refused"
    counted = tools.kept[_Names]._until
    assert len(counted) == 5
    assert max(map(len, counted)) <= 32
