from dataclasses import replace

from gateway_harness.exchanges import exchange_of
from gateway_harness.gateway_process import one_service
from gateway_harness.held_logins import HeldLogins
from moongate.compile import Snapshot
from moongate.compile.compiler import compile_config
from moongate.compile.reserved import JWKS_PATH
from moongate.config import parse
from moongate.core.token_plans import SigningPlan, TokensPlan
from moongate.filters import Refusal, Response, Tools
from moongate.filters.authenticate import AuthenticatePlan
from moongate.routing import Router
from moongate.stores.keys import SigningKey
from moongate.stores.logins import Logins
from moongate.stores.signing import Signing
from moongate.worker.own_paths import own_paths

ONE_ROUTE = f"version: 1\n{one_service('http://127.0.0.1:1')}"


def snapshot(tokens: TokensPlan | None) -> Snapshot:
    return Snapshot(1, "", (), {}, (), Router(()), tokens=tokens)


def test_nothing_is_reserved_where_nothing_is_signed() -> None:
    assert own_paths(snapshot(None), Signing(), Logins(), Tools()) == {}
    assert own_paths(snapshot(TokensPlan("keys.json")), Signing(), Logins(), Tools()) == {}


def test_logins_end_where_the_config_says() -> None:
    logins = HeldLogins()
    authenticate = AuthenticatePlan((logins.plan,))
    plan = compile_config(parse(ONE_ROUTE, "f.yaml"), 1)
    route = replace(plan.routes[0], filters=(authenticate,))
    own = own_paths(replace(plan, routes=(route,), tokens=TokensPlan("k")), Signing(), logins, logins.tools)
    assert set(own) == {b"/oidc/callback", b"/oidc/logout"}
    answer = own[b"/oidc/callback"](exchange_of(target=b"/oidc/callback?code=1"))
    assert isinstance(answer, Refusal)
    assert answer.reason == "oidc_state"
    assert isinstance(own[b"/oidc/logout"](exchange_of(method=b"POST")), Response)


def test_the_keys_of_the_moment_are_published() -> None:
    signing = Signing()
    signs = snapshot(TokensPlan("keys.json", (), SigningPlan("moongate", "s.json", 60.0)))
    own = own_paths(signs, signing, Logins(), Tools())
    signing.replaced(SigningKey("k", b"{}", "moongate"), b'{"keys":[1]}')
    answer = own[JWKS_PATH.encode()](exchange_of())
    assert isinstance(answer, Response)
    assert (answer.status, answer.body) == (200, b'{"keys":[1]}')
    assert (b"Content-Type", b"application/jwk-set+json") in answer.fields
    refused = own[JWKS_PATH.encode()](exchange_of(method=b"POST"))
    assert isinstance(refused, Refusal)
    assert (refused.failure.status, refused.fields) == (405, ((b"Allow", b"GET, HEAD"),))
