import pytest

from moongate.compile import RoutePlan
from moongate.compile.auth_jwt import jwt_plan
from moongate.compile.compiler import JUDGES, compile_config
from moongate.config import ConfigInvalid, parse
from moongate.config.model_auth_jwt import JwtConfig
from moongate.filters.api_key import ApiKeyPlan
from moongate.filters.authenticate import AuthenticatePlan
from moongate.filters.authorize import AuthorizePlan
from moongate.filters.jwt import JwtPlan
from moongate.filters.resource import ResourcePlan

HEAD = (
    "version: 1\naccounts: {url: http://accounts:1, token: 0123456789abcdef}\nservices: {api: {targets: [http://a]}}\n"
)
RESOURCE = "resource: 'inventory/{kind}/{id?}'"


def route(filters: str, more: str = "", head: str = HEAD) -> RoutePlan:
    text = f"{head}routes: [{{name: r, match: {{path: '/api/{{kind}}/**'}}, service: api, filters: {filters}{more}}}]\n"
    return compile_config(parse(text, "gateway.yaml", JUDGES), 1).routes[0]


def problems(filters: str, more: str = "") -> list[str]:
    with pytest.raises(ConfigInvalid) as raised:
        route(filters, more)
    return [each.message for each in raised.value.problems]


def test_the_two_words_alone_mean_keys_and_tokens_of_accounts_and_grants() -> None:
    resource = ResourcePlan("inventory/{kind}/{id?}", (b"inventory", 1, 2))
    authenticate, authorize = route("[authenticate, authorize]", f", {RESOURCE}").filters
    assert isinstance(authenticate, AuthenticatePlan)
    assert authenticate.methods == (ApiKeyPlan(), jwt_plan([JwtConfig()], "http://accounts:1"))
    assert authorize == AuthorizePlan(resource)


def test_several_issuers_are_one_method_where_the_first_stands() -> None:
    other = "{jwt: {issuer: 'https://b', audience: api}}"
    (plan,) = route(f"[{{authenticate: [jwt, api_key, {other}]}}]").filters
    assert isinstance(plan, AuthenticatePlan)
    assert [method.kind for method in plan.methods] == ["jwt", "api_key"]
    first, _ = plan.methods
    assert isinstance(first, JwtPlan)
    assert [issuer.issuer for issuer in first.issuers] == ["http://accounts:1", "https://b"]


@pytest.mark.parametrize(
    ("said", "has_fields", "vouches_to"), [("headers", True, ""), ("token", False, "api"), ("both", True, "api")]
)
def test_how_the_service_is_told(said: str, has_fields: bool, vouches_to: str) -> None:
    (plan,) = route(f"[{{authenticate: {{forward_identity: {said}}}}}]").filters
    assert isinstance(plan, AuthenticatePlan)
    assert (plan.has_fields, plan.vouches_to) == (has_fields, vouches_to)


def test_settings_are_taken_over() -> None:
    plans = route(
        "[{authenticate: {methods: [{api_key: {header: X-Key, query: key}}], anonymous: allow, "
        "forward_credentials: true}}, {authorize: {grants: false, scopes: read, claims: {tier: [gold, 1]}}}]"
    ).filters
    assert plans == (
        AuthenticatePlan((ApiKeyPlan(b"x-key", b"key"),), allows_anonymous=True, forwards=True),
        AuthorizePlan(None, frozenset(("read",)), (("tier", frozenset(("gold", "1"))),)),
    )


def test_a_list_is_a_list_of_methods_and_a_named_filter_may_have_a_kind_s_name() -> None:
    head = HEAD + "filters: {authenticate: {authenticate: [{api_key: {header: X-Key}}]}}\n"
    assert route("[authenticate]", head=head).filters == (AuthenticatePlan((ApiKeyPlan(b"x-key"),)),)


def test_actions_of_a_route_s_own() -> None:
    (plan,) = route("[authorize]", f", {RESOURCE}, actions: {{POST: book}}").filters
    assert isinstance(plan, AuthorizePlan)
    assert plan.resource is not None
    assert plan.resource.action(b"POST") == "book"


@pytest.mark.parametrize(
    ("filters", "more", "said"),
    [
        ("[authorize]", "", "the route has no `resource` that a grant could be about"),
        ("[authorize]", ", resource: 'a/{b}'", "{b}: the tail /** may be empty, so this can be absent: write {b?}"),
        (
            "[{authorize: {grants: false}}]",
            "",
            "nothing is asked: with `grants: false`, name `scopes`, `claims`, `cedar` or `opa`",
        ),
        ("[{authenticate: {methods: []}}]", "", "`methods` is empty: at least one is needed"),
        ("[{authenticate: [api_kee]}]", "", "unknown key `api_kee`, did you mean `api_key`?"),
        ("[{authenticate: {anonymous: yes}}]", "", "`anonymous` must be 'allow' or 'deny', not 'yes'"),
        ("[]", ", actions: {POST: Book!}", "'Book!' is no action: a word in lower case, as in approve"),
    ],
)
def test_what_can_not_work_is_said(filters: str, more: str, said: str) -> None:
    assert any(said in each for each in problems(filters, more)), problems(filters, more)
