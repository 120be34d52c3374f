"""Logins as the whole config has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from moongate.compile.compiler import JUDGES, compile_config
from moongate.compile.dump import dump_snapshot
from moongate.config import ConfigInvalid, parse
from moongate.core.login_plans import LoginsPlan, ProviderPlan

if TYPE_CHECKING:
    from moongate.compile.snapshot import Snapshot

BASE = """\
version: 1
tokens: {{session_keys: k.json{tokens}}}
services: {{a: {{targets: [http://a]}}}}
filters:
  people:
    authenticate: [{{oidc: {{issuer: https://id.example.com, client_id: app, client_secret: {secret}}}}}]
  forwarding:
    authenticate:
      methods: [{{oidc: {{issuer: https://id.example.com, client_id: app, client_secret: {secret}}}}}]
      forward_credentials: true
  others:
    authenticate:
      - oidc:
          {{issuer: https://id.example.com, client_id: {client}, client_secret: hush, callback: {callback}, logout: /x}}
routes:
  - {{name: plain, match: {{path: /plain}}, service: a}}
{routes}"""
ROUTE = "  - {{name: {0}, match: {{path: /{0}}}, service: a, filters: [{0}]}}\n"


def compiled(*filters: str, **said: str) -> Snapshot:
    """The plain route, and one with each of these ``filters``; ``said`` stands at its places in the text."""
    usual = {"secret": "hush", "callback": "/cb", "tokens": "", "client": "other"}
    routes = "".join(ROUTE.format(each) for each in filters)
    text = BASE.format(routes=routes, **{**usual, **said})
    return compile_config(parse(text, "f.yaml", JUDGES), 1)


def kinds(snapshot: Snapshot) -> dict[str, list[str]]:
    return {route.name: [plan.kind for plan in route.filters] for route in snapshot.routes}


def test_every_service_is_spared_the_gateways_cookies_where_anybody_logs_in() -> None:
    assert kinds(compiled()) == {"plain": []}
    assert kinds(compiled("people")) == {
        "plain": ["session_cookies"],
        "people": ["session_cookies", "authenticate"],
    }
    assert kinds(compiled("forwarding"))["forwarding"] == ["authenticate"]


def test_control_knows_providers_and_secrets_and_workers_need_not() -> None:
    snapshot = compiled("people", "others", "forwarding")
    assert snapshot.tokens is not None
    assert snapshot.tokens.logins == LoginsPlan(
        "k.json",
        (),
        (
            ProviderPlan("https://id.example.com", "app", "hush"),
            ProviderPlan("https://id.example.com", "other", "hush", "/cb", "/x"),
        ),
    )
    assert "hush" not in repr(snapshot.routes)
    assert compiled().tokens is None


def test_a_secret_is_hidden_and_another_one_is_another_config() -> None:
    one, other = compiled("people"), compiled("people", secret="hush2")
    assert "hush" not in str(dump_snapshot(one))
    assert one.digest != other.digest
    assert one.digest == compiled("people").digest
    sealed = compiled("people", tokens=f", session_secrets: [{'s' * 32}]")
    assert "sss" not in str(dump_snapshot(sealed))
    assert sealed.digest != one.digest


@pytest.mark.parametrize("callback", ["/oidc/callback", "/oidc/logout"])
def test_a_path_is_of_one_provider(callback: str) -> None:
    with pytest.raises(ConfigInvalid) as raised:
        compiled("people", "others", callback=callback)
    (problem,) = raised.value.problems
    assert f"{callback} is a path of other logins already" in problem.message
    assert (problem.line, problem.message.rpartition("; ")[2]) == (14, "see line 6")


def test_a_provider_has_one_set_of_settings() -> None:
    assert compiled("people", "forwarding")
    with pytest.raises(ConfigInvalid, match="stand at two places and differ"):
        compiled("others", "people", client="app")
