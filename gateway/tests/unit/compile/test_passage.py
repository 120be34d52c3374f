from pathlib import Path

import pytest

from gateway_harness.known_accounts import KnownAccounts, client_record, key_record
from gateway_harness.proxying import head_of
from gateway_harness.replicas import api_key
from moongate.compile.compiler import JUDGES, compile_config
from moongate.compile.passage import Passage, Step, pass_filters
from moongate.config import parse
from moongate.core.exchange import Identity
from moongate.filters import Refusal, Response, Tools
from moongate.filters.identity_fields import IDENTITY_FIELDS
from moongate.stores.records import Grant

STEPS = """
from moongate.filters import Response
def teapot(exchange): return Response(418)
def broken(exchange): raise KeyError("x")
def leaving(exchange): raise SystemExit("x")
async def asking(exchange): ...
"""
KEY = api_key("k3JdYq0PzR5x")
CLIENT = client_record("cl_1", key_record(KEY), grants=(Grant("cars/**", ("read",), query={"label": "a"}),))


def passed(
    directory: Path, filters: str, *lines: bytes, identity: Identity | None = None, known: bool = True
) -> Passage:
    (directory / "moongate_passage_steps.py").write_text(STEPS)
    text = (
        "version: 1\naccounts: {url: http://accounts:1, token: 0123456789abcdef}\nservices: {api: {targets: [http://a]}}\n"
        "routes: [{name: r, match: {path: '/cars/**'}, resource: 'cars/{id?}', service: api, "
        f"filters: {filters}}}]\n"
    )
    (route,) = compile_config(parse(text, str(directory / "gateway.yaml"), JUDGES), 1).routes
    head = head_of(b"\r\n".join((b"GET /cars/7?label=b HTTP/1.1", b"Host: a", *lines)) + b"\r\n\r\n")
    return pass_filters(route, head, Tools(KnownAccounts(CLIENT) if known else None), identity)


def test_what_each_says_and_what_comes_of_it(tmp_path: Path) -> None:
    passage = passed(
        tmp_path, "[authenticate, authorize, {request_headers: {remove: Accept}}]", b"X-API-Key: " + KEY, b"Accept: b"
    )
    assert passage.steps == (
        Step("authenticate", "passes: client cl_1"),
        Step("authorize", "passes", why="its grant 'allow read on cars/**' decides over read on cars/7"),
        Step("request_headers", "passes"),
    )
    assert (passage.answer, passage.is_decided, passage.exchange.query) == (None, True, b"?label=a")
    assert passage.exchange.edits is not None
    assert b"X-Client-Id: cl_1\r\n" in passage.exchange.edits.lines
    assert passage.exchange.edits.drops == IDENTITY_FIELDS | {b"x-api-key", b"authorization", b"accept"}


def test_a_client_can_be_taken_for_proved(tmp_path: Path) -> None:
    identity = Identity("cl_9", "said")
    passage = passed(
        tmp_path, "[authenticate, authorize, {python: 'moongate_passage_steps:teapot'}]", identity=identity
    )
    assert passage.steps == (
        Step("authenticate", "taken for client cl_9"),
        Step(
            "authorize",
            "refuses: 403 forbidden",
            "no_grant",
            "accounts does not know client cl_9, so it has no grant for read on cars/7",
        ),
    )
    assert isinstance(passage.answer, Refusal)


@pytest.mark.parametrize(
    ("filters", "verdict", "is_decided"),
    [
        ("{python: 'moongate_passage_steps:teapot'}", "answers 418", True),
        ("{python: 'moongate_passage_steps:broken'}", "fails, which is answered 500: KeyError: 'x'", False),
        ("{python: 'moongate_passage_steps:leaving'}", "fails, which is answered 500: SystemExit: x", False),
        ("{python: 'moongate_passage_steps:asking'}", "has to ask somebody first, which is not done here", False),
        ("authenticate", "can not be run here: there is no `accounts` in the config", False),
        ("{authenticate: {anonymous: allow}}", "can not be run here: there is no `accounts` in the config", False),
    ],
)
def test_what_lets_nothing_further(tmp_path: Path, filters: str, verdict: str, is_decided: bool) -> None:
    passage = passed(tmp_path, f"[{filters}, {{request_headers: {{remove: Accept}}}}]", known=False)
    (step,) = passage.steps
    assert step.verdict.startswith(verdict)
    assert passage.is_decided is is_decided
    assert isinstance(passage.answer, Response) is is_decided


def test_whom_it_would_ask_is_said(tmp_path: Path) -> None:
    passage = passed(tmp_path, "[{forward_auth: {service: api, path: /verify}}, authenticate]")
    why = "asks service api for GET /verify, with all its fields and X-Forwarded-Method, -Uri and the like"
    assert passage.steps == (Step("forward_auth", "has to ask somebody first, which is not done here", why=why),)
    assert not passage.is_decided
    opa = "{authorize: {grants: true, opa: {service: api, path: /v1/data/a/allow}}}"
    passage = passed(tmp_path, f"[authenticate, {opa}]", b"X-API-Key: " + KEY)
    assert passage.steps[1].why == "asks service api for POST /v1/data/a/allow, whether its policy allows that"
    introspection = "{authenticate: [{introspection: {service: api, path: /i, token: t}}]}"
    asking = passed(tmp_path, f"[{introspection}]", b"Authorization: Bearer t")
    assert asking.steps[0].why == "asks service api for POST /i, whether the token is active"
    assert passed(tmp_path, f"[{introspection}]").is_decided, "a request without a token needs nobody"
    refused = passed(tmp_path, f"[{opa}]")
    assert (refused.steps[0].reason, refused.is_decided) == ("anonymous", True)


def test_nobody_in_particular_may_pass(tmp_path: Path) -> None:
    passage = passed(tmp_path, "[{authenticate: {anonymous: allow}}]")
    assert passage.steps == (Step("authenticate", "passes, as nobody in particular"),)
