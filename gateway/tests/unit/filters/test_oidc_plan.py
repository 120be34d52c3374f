"""A plan travels, and says all but secrets of itself."""

import pickle

from gateway_harness.held_logins import oidc_plan
from moongate.core.login_plans import ProviderPlan


def test_it_travels_and_is_told_apart() -> None:
    plan = oidc_plan()
    assert pickle.loads(pickle.dumps(plan)) == plan
    assert plan != oidc_plan(callback="/other")
    assert plan.issuers == (plan.issuer,)
    assert plan.name == ProviderPlan("https://id.example.com", "app", "secret").name
    assert plan.name != oidc_plan(client_id="other").name


def test_what_it_says_of_itself() -> None:
    said = oidc_plan().describe()
    assert said["issuer"] == "https://id.example.com"
    assert said["keys"] == "by discovery"
    assert said["audience"] == ["app"]
    assert said["client_id"] == "app"
    assert said["scopes"] == ["openid", "email"]
    assert (said["callback"], said["logout"], said["after_logout"]) == ("/oidc/callback", "/oidc/logout", "/bye")
    assert (said["session"], said["claims"], said["allow_http"]) == (3600.0, ["email", "groups"], True)
