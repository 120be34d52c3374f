"""Tokens that their maker is asked about, played by hand: what it is told, and what follows from what it says."""

import asyncio
import base64
import json
import pickle
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_harness.exchanges import exchange_of
from gateway_harness.fetches import PlayedServices, fetched
from gateway_harness.known_accounts import KnownAccounts, client_record
from moongate.core.fetching import Fetched, FetchFailed
from moongate.filters import Refusal, Tools
from moongate.filters.authenticate import AuthenticatePlan, Proof
from moongate.filters.introspection import Credential, IntrospectionPlan
from moongate.stores.decision import Standing

PLAN = IntrospectionPlan("idp", "/introspect", Credential("gate way", "s:é"))
ACTIVE = {
    "active": True,
    "client_id": "cl_1",
    "scope": "read write",
    "exp": 5000,
    "iat": 900,
    "sub": "ada",
    "jti": "j1",
}
SHOWN = b"Authorization: Bearer opaque-token.1/x+~=="


def said(document: object, status: int = 200) -> Fetched:
    return fetched(status, b"", json.dumps(document).encode())


class Asked:
    """A bound method, the time, and the endpoint that it asks."""

    def __init__(
        self, *answers: Fetched | FetchFailed, plan: IntrospectionPlan = PLAN, accounts: KnownAccounts | None = None
    ) -> None:
        self.now = 1000.0
        self.services = PlayedServices(*answers)
        self.tools = Tools(accounts, fetching=self.services, seconds=lambda: self.now)
        self.method = plan.bind(self.tools)

    def __call__(self, line: bytes = SHOWN) -> Any:
        found = self.method(exchange_of(line))
        if found is None or isinstance(found, tuple):
            return found

        async def wait() -> Any:
            return await found

        return asyncio.run(wait())

    @property
    def questions(self) -> int:
        return len(self.services.requests)


def test_what_the_endpoint_is_told() -> None:
    asked = Asked(said(ACTIVE))
    asked()
    (request,) = asked.services.requests
    assert (request.service, request.method, request.target, request.seconds) == ("idp", b"POST", b"/introspect", 1.0)
    assert request.body == b"token=opaque-token.1%2Fx%2B~%3D%3D&token_type_hint=access_token"
    pair = base64.b64encode(b"gate+way:s%3A%C3%A9").decode()  # RFC 6749 section 2.3.1
    assert request.lines.decode().split("\r\n") == [
        "Content-Type: application/x-www-form-urlencoded",
        "Accept: application/json",
        f"Authorization: Basic {pair}",
        "",
    ]
    asked = Asked(said(ACTIVE), plan=replace(PLAN, credential=Credential("gate way", "s:é", is_posted=True)))
    asked()
    (request,) = asked.services.requests
    assert request.body.endswith(b"&token_type_hint=access_token&client_id=gate+way&client_secret=s%3A%C3%A9")
    assert b"Authorization" not in request.lines
    asked = Asked(said(ACTIVE), plan=replace(PLAN, credential=Credential("", "mgw_1")))
    asked()
    assert asked.services.requests[0].lines.endswith(b"\r\nAuthorization: Bearer mgw_1\r\n")


def test_who_calls() -> None:
    proof = Asked(said(ACTIVE))()
    assert isinstance(proof, Proof)
    identity = proof.identity
    assert (identity.client, identity.credential, identity.scopes) == ("cl_1", "introspection", {"read", "write"})
    assert identity.claims == {name: value for name, value in ACTIVE.items() if name != "active"}
    assert (proof.carrier, proof.until, identity.record) == (b"authorization", 1060.0, None)


@pytest.mark.parametrize("line", [b"X-A: 1", b"Authorization: Basic YTpi", b"Authorization: Bearer mg_live_x"])
def test_other_credentials_are_left_to_others(line: bytes) -> None:
    asked = Asked(said(ACTIVE))
    assert (asked(line), asked.questions) == (None, 0)


@pytest.mark.parametrize(
    "text", [b"a b", b"a,b", b"a=b", b"\xff", b'"a"', b"=", b"x" * 8193], ids=lambda text: repr(text[:9])
)
def test_what_is_no_token_is_refused_at_once(text: bytes) -> None:
    asked = Asked(said(ACTIVE))
    exchange = exchange_of(b"X-A: 1")
    assert exchange.head is not None
    exchange.head.section.lines = b"Authorization: Bearer " + text + b"\r\n"
    refused = asked.method(exchange)
    assert isinstance(refused, Refusal)
    assert (refused.failure.code, refused.reason) == ("credentials_invalid", "introspection_malformed")
    assert refused.fields == ((b"WWW-Authenticate", b'Bearer error="invalid_token"'),)
    assert asked.questions == 0


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"active": False}, "inactive"),
        ({"active": False, "client_id": "cl_1"}, "inactive"),
        ({**ACTIVE, "exp": 1000}, "inactive"),
        ({**ACTIVE, "exp": -5}, "inactive"),
        ({"active": True}, "client"),
        ({**ACTIVE, "client_id": ""}, "client"),
        ({**ACTIVE, "client_id": "a\nb"}, "client"),
        ({**ACTIVE, "client_id": 7}, "client"),
        ({**ACTIVE, "client_id": "x" * 257}, "client"),
    ],
)
def test_what_is_refused(document: dict[str, object], reason: str) -> None:
    asked = Asked(said(document))
    for _ in range(2):
        refused = asked()
        assert isinstance(refused, Refusal)
        assert (refused.failure.status, refused.reason) == (401, f"introspection_{reason}")
    assert asked.questions == 1, "a no is remembered"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (said({}), "bad_document"),
        (said({"active": "true", "client_id": "cl_1"}), "bad_document"),
        (said({"active": 1}), "bad_document"),
        (said({**ACTIVE, "exp": "soon"}), "bad_document"),
        (said({**ACTIVE, "iat": True}), "bad_document"),
        (said([ACTIVE]), "bad_json"),
        (fetched(200, b"", b"<html>"), "bad_json"),
        (fetched(200, b"", b"[" * 60_000), "bad_json"),
        (fetched(200, b"", b'{"active": true, "a": NaN}'), "bad_json"),
        (said({"error": "invalid_client"}, 401), "status_401"),
        (said(ACTIVE, 500), "status_500"),
        (said(ACTIVE, 302), "status_302"),
        (FetchFailed("timeout"), "timeout"),
    ],
)
def test_no_answer_is_neither_yes_nor_no(answer: Fetched | FetchFailed, reason: str) -> None:
    asked = Asked(answer, said(ACTIVE))
    refused = asked()
    assert isinstance(refused, Refusal)
    assert (refused.failure.code, refused.reason) == ("dependency_unavailable", f"introspection_{reason}")
    assert isinstance(asked(), Proof), "it is not remembered"


@pytest.mark.parametrize(
    ("document", "seconds"), [(ACTIVE, 60.0), ({**ACTIVE, "exp": 1010}, 10.0), ({**ACTIVE, "exp": 1010.5}, 10.5)]
)
def test_a_yes_is_remembered_for_so_long(document: dict[str, object], seconds: float) -> None:
    asked = Asked(said(document), said({"active": False}))
    asked()
    asked.now += seconds - 0.1
    assert isinstance(asked.method(exchange_of(SHOWN)), Proof), "no task is made for what is known"
    asked.now += 0.1
    assert isinstance(asked(), Refusal)
    assert asked.questions == 2


def test_a_no_is_remembered_for_five_seconds() -> None:
    asked = Asked(said({"active": False}), said(ACTIVE))
    asked()
    asked.now += 4.9
    assert isinstance(asked(), Refusal)
    asked.now += 0.1
    assert isinstance(asked(), Proof)
    asked.now += 0.1
    assert isinstance(asked(), Proof)
    assert asked.questions == 2


def test_other_rules_have_another_memory_and_a_reload_has_the_same() -> None:
    asked = Asked(said(ACTIVE))
    asked()
    asked.method = PLAN.bind(asked.tools)
    asked()
    assert asked.questions == 1
    for plan in (replace(PLAN, path="/other"), replace(PLAN, audiences=frozenset(("api",)))):
        asked.method = plan.bind(asked.tools)
        asked()
    assert asked.questions == 3


def test_tokens_that_nobody_made_crowd_out_none_that_somebody_did() -> None:
    asked = Asked(said(ACTIVE), said({"active": False}))
    asked()
    for number in range(17_000):
        asked.now += 0.001
        found = asked.method(exchange_of(b"Authorization: Bearer x%d" % number))
        if found is not None and not isinstance(found, tuple):
            with pytest.raises(StopIteration):
                _through(found)
    assert isinstance(asked.method(exchange_of(SHOWN)), Proof)


def _through(found: Any) -> None:
    while True:
        found.send(None)


@pytest.mark.parametrize(
    ("aud", "is_taken"), [("api", True), (["x", "api"], True), ("x", False), (None, False), (7, False)]
)
def test_whom_it_is_for(aud: object, is_taken: bool) -> None:
    asked = Asked(said({**ACTIVE, "aud": aud}), plan=replace(PLAN, audiences=frozenset(("api", "web"))))
    found = asked()
    assert isinstance(found, Proof) is is_taken
    assert is_taken or found.reason == "introspection_audience"


def test_who_is_named_where() -> None:
    assert Asked(said(ACTIVE), plan=replace(PLAN, clients=("username", "sub")))().identity.client == "ada"


def _jwt(issuer: str, **header: object) -> bytes:
    parts = ({"alg": "ES256", **header}, {"iss": issuer})
    head, claims = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    return b"Authorization: Bearer " + head + b"." + claims + b".c2ln"


def test_jwts_of_issuers_that_are_known_are_not_shown_to_others() -> None:
    asked = Asked(said(ACTIVE), plan=replace(PLAN, others=frozenset(("https://a.test",))))
    assert (asked(_jwt("https://a.test")), asked.questions) == (None, 0)
    for header in ({"jku": "https://a.test/keys"}, {"crit": ["x"]}, {"kid": "k" * 200}, {"alg": 7}):
        assert (asked(_jwt("https://a.test", **header)), asked.questions) == (None, 0), "though no `jwt` takes it"
    assert isinstance(asked(_jwt("https://b.test")), Proof)
    assert isinstance(asked(), Proof)


class TestAccounts:
    PLAN = replace(PLAN, is_known=True)

    def test_it_has_a_word_each_time(self) -> None:
        accounts = KnownAccounts(client_record("cl_1"))
        asked = Asked(said(ACTIVE), plan=self.PLAN, accounts=accounts)
        proof = asked()
        assert proof.identity.record is accounts.find_client("cl_1")
        for record, reason in (
            (client_record("cl_1", status="suspended"), "introspection_refused"),
            (client_record("cl_1", not_before=901), "introspection_refused"),
            (client_record("cl_1", revoked_tokens=frozenset(("j1",))), "introspection_refused"),
        ):
            accounts.replace(record)
            refused = asked()
            assert (refused.failure.status, refused.reason) == (401, reason)
        accounts.replace(client_record("cl_2"))
        assert asked().reason == "introspection_client_unknown"
        assert asked.questions == 1

    def test_it_may_be_away(self) -> None:
        accounts = KnownAccounts(client_record("cl_1"), standing=Standing.EXPIRED)
        refused = Asked(said(ACTIVE), plan=self.PLAN, accounts=accounts)()
        assert (refused.failure.status, refused.reason) == (503, "accounts_unavailable")

    def test_there_may_be_none(self) -> None:
        with pytest.raises(ValueError, match="no `accounts`"):
            self.PLAN.bind(Tools())


@given(
    st.dictionaries(
        st.sampled_from(["active", "exp", "iat", "client_id", "sub", "scope", "aud", "jti"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.text(max_size=3)),
    )
)
def test_whatever_it_answers_only_an_active_token_of_somebody_is_taken(document: dict[str, Any]) -> None:
    found = Asked(said(document))()
    if isinstance(found, Proof):
        assert document["active"] is True
        assert found.identity.client
        assert document.get("exp") is None or document["exp"] > 1000
    else:
        assert found.failure.status in (401, 503)


def test_plans() -> None:
    assert pickle.loads(pickle.dumps(PLAN)) == PLAN
    assert PLAN.hidden == ("/introspect", "gate way", "s:é")
    assert "s:é" not in repr(PLAN) + json.dumps(PLAN.describe(), ensure_ascii=False)
    assert PLAN.describe() == {
        "service": "idp",
        "path": "/introspect",
        "auth_method": "client_secret_basic",
        "cache": 60.0,
        "timeout": 1.0,
        "client": ["client_id", "azp", "sub"],
        "known_to_accounts": False,
    }
    full = replace(PLAN, audiences=frozenset(("b", "a")), others=frozenset(("i",))).describe()
    assert (full["audience"], full["but_not_of"]) == (["a", "b"], ["i"])
    assert AuthenticatePlan((PLAN,)).asking() == "asks service idp for POST /introspect, whether the token is active"


def test_who_looked_before_an_answer_and_has_a_turn_after_it_asks_nobody() -> None:
    asked = Asked(said(ACTIVE))
    first, second = asked.method(exchange_of(SHOWN)), asked.method(exchange_of(SHOWN))

    async def in_turn() -> list[Any]:
        return [await first, await second]  # type: ignore[misc]

    assert all(isinstance(found, Proof) for found in asyncio.run(in_turn()))
    assert asked.questions == 1


def test_whoever_makes_up_tokens_has_nobody_asked_about_them_for_long() -> None:
    asked = Asked(said(ACTIVE), *(said({"active": False}) for _ in range(100)))
    step = AuthenticatePlan((PLAN,)).bind(asked.tools)

    def answer(line: bytes) -> tuple[int, str]:
        async def wait() -> Any:
            verdict = step(exchange_of(line))
            return verdict if verdict is None or isinstance(verdict, tuple) else await verdict

        verdict = asyncio.run(wait())
        return (200, "") if verdict is None else (verdict.failure.status, verdict.reason)

    assert answer(SHOWN) == (200, "")
    answers = [answer(b"Authorization: Bearer made-up-%d" % number) for number in range(30)]
    assert answers == [(401, "introspection_inactive")] * 20 + [(429, "introspection_unjudged")] * 10
    assert asked.questions == 21
    assert answer(SHOWN) == (200, ""), "what is known is not asked about"
    assert answer(b"Authorization: Bearer made-up-1") == (429, "introspection_inactive")
