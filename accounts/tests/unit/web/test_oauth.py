"""The OAuth endpoints."""

from dataclasses import replace
from typing import Any

import jwt as pyjwt
import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet

from accounts.bootstrap.settings import Settings
from accounts.bootstrap.wiring import Services, build_services
from accounts.domain.client import ClientStatus
from accounts.service import clients
from accounts.service.ports import AuditQuery
from accounts.web.app import create_app
from accounts.web.oauth import ADDRESS_BURST, CLIENT_BURST
from accounts_harness.making import SOMEBODY
from accounts_harness.oauth import Registered, ask, make_registered
from servicekit.core.values import ANY

FORM = "application/x-www-form-urlencoded"
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def http(services: Services) -> FlaskClient:
    """A stranger."""
    return create_app(services).test_client()


@pytest.fixture
def acme(services: Services) -> Registered:
    return make_registered(services)


def post_form(acme: Registered) -> dict[str, str]:
    return {**GRANT, "client_id": acme.client.id, "client_secret": acme.secret}


def test_each_method_gets_a_token_that_two_libraries_verify(http: FlaskClient, acme: Registered) -> None:
    answers = [ask(http, GRANT, acme.basic), ask(http, post_form(acme)), ask(http, acme.asserted())]
    keys = http.get("/oauth/jwks").json
    jtis = set()
    for answer in answers:
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        text = answer.json["access_token"]
        told = {"access_token": text, "token_type": "Bearer", "expires_in": 300, "scope": "read write"}
        assert answer.json == told
        token = jwt.decode(text, KeySet.import_key_set(keys), algorithms=["ES256"])
        assert token.header["typ"] == "at+jwt"
        [public] = [pyjwt.PyJWK(key) for key in keys["keys"] if key["kid"] == token.header["kid"]]
        claims = pyjwt.decode(text, public, algorithms=["ES256"], audience="moongate", issuer=acme.issuer)
        assert (claims["sub"], claims["client_id"]) == (acme.client.id, acme.client.id)
        assert claims["exp"] - claims["iat"] == 300
        assert claims == token.claims
        jtis.add(claims["jti"])
    assert len(jtis) == 3


@pytest.mark.parametrize("alg", ["RS256", "Ed25519"])
def test_assertions_of_other_algorithms(services: Services, http: FlaskClient, alg: str) -> None:
    assert ask(http, make_registered(services, alg, alg).asserted()).status_code == 200


def test_the_audit_tells_which_request_a_token_was_issued_to(
    services: Services, http: FlaskClient, acme: Registered
) -> None:
    answer = ask(http, GRANT, acme.basic)
    claims = pyjwt.decode(answer.json["access_token"], options={"verify_signature": False})
    [entry] = services.store.read(lambda tx: tx.audit.page(AuditQuery(1)))
    assert (entry.topic, entry.subject, entry.actor) == ("client.token_issued", acme.client.id, "client:Acme")
    assert (entry.details["jti"], entry.details["exp"]) == (claims["jti"], claims["exp"])
    assert entry.request_id == answer.headers["X-Request-Id"]


def test_scopes_are_narrowed_and_never_widened(http: FlaskClient, acme: Registered) -> None:
    assert ask(http, {**GRANT, "scope": "read"}, acme.basic).json["scope"] == "read"
    for scope in ("admin", "read admin", "read  write", " "):
        answer = ask(http, {**GRANT, "scope": scope}, acme.basic)
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_scope")
    assert ask(http, {**GRANT, "resource": "moongate"}, acme.basic).status_code == 200
    assert ask(http, {**GRANT, "resource": "https://elsewhere"}, acme.basic).json["error"] == "invalid_target"


def test_who_is_unknown_wrong_or_ended_is_answered_the_same(
    services: Services, http: FlaskClient, acme: Registered
) -> None:
    stranger = replace(acme, client=replace(acme.client, id="cl_" + "0" * 18))
    wrong = replace(acme, secret=acme.secret[:-7] + ("a" if acme.secret[-7] != "a" else "b") + acme.secret[-6:])
    other = make_registered(services, "Other")
    forms: list[tuple[dict[str, Any], dict[str, str]]] = [
        (GRANT, stranger.basic),
        (GRANT, wrong.basic),
        (GRANT, replace(acme, secret=other.secret).basic),
        (GRANT, replace(acme, secret="x").basic),
        (GRANT, replace(acme, secret="").basic),
        (GRANT, replace(acme, secret="\u00e9").basic),
        (stranger.asserted(), {}),
        (replace(acme, key=other.key).asserted(), {}),
        (acme.asserted("x.y.z"), {}),
    ]
    suspend = {"status": ClientStatus.SUSPENDED}
    services.store.write(lambda tx: clients.change(tx, other.client.id, suspend, ANY), SOMEBODY)
    forms += [(GRANT, other.basic), (other.asserted(), {})]
    told = set()
    for form, headers in forms:
        answer = ask(http, form, headers)
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        told.add((answer.status_code, answer.json["error"]))
    assert told == {(401, "invalid_client")}


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"grant_type": ""},
        {**GRANT, "client_secret": "x", "client_id": "y"},
        {**GRANT, "client_assertion": "x"},
        {**GRANT, "client_assertion_type": "x"},
        {**GRANT, "scope": "a\x00"},
        {**GRANT, "scope": "a" * 2000},
        {**GRANT, "client_assertion": "a" * 9000},
        {f"p{number}": "1" for number in range(40)},
        {**GRANT, "scope": ["read", "read"]},
    ],
)
def test_malformed_requests(http: FlaskClient, acme: Registered, form: dict[str, Any]) -> None:
    answer = ask(http, form, acme.basic)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_only_forms_and_never_the_url(http: FlaskClient, acme: Registered) -> None:
    for answer in (
        http.post("/oauth/token", json=GRANT, headers=acme.basic),
        http.post("/oauth/token", data=b"grant_type=client_credentials", headers=acme.basic, content_type="text/plain"),
        http.post("/oauth/token?grant_type=client_credentials", data=GRANT, headers=acme.basic),
        http.post(f"/oauth/token?client_secret={acme.secret}", data=GRANT, headers=acme.basic),
        http.post("/oauth/token", data=b"grant_type=%ff", headers=acme.basic, content_type=FORM),
    ):
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    answer = http.post("/oauth/token", data={"a": "b" * 30_000}, headers=acme.basic)
    assert (answer.status_code, answer.json["error"]) == (413, "invalid_request")
    assert http.get("/oauth/token").status_code == 405
    assert ask(http, {"grant_type": "password"}, acme.basic).json["error"] == "unsupported_grant_type"
    for header in ("Basic", "Basic !", "Basic Og==", "Digest x", "Basic " + "YQ" * 2000):
        assert ask(http, GRANT, {"Authorization": header}).json["error"] == "invalid_client"


def test_an_assertion_is_taken_once_by_any_process(services: Services, http: FlaskClient, acme: Registered) -> None:
    other = build_services(services.settings)
    form = acme.asserted()
    assert ask(http, form).status_code == 200
    for again in (http, create_app(other).test_client()):
        assert ask(again, form).json["error"] == "invalid_client"
    other.close()


def test_introspection_tells_the_owner_and_gateways(
    services: Services, http: FlaskClient, gateway: FlaskClient, acme: Registered
) -> None:
    text = ask(http, GRANT, acme.basic).json["access_token"]
    claims = pyjwt.decode(text, options={"verify_signature": False})
    told = {"active": True, "token_type": "Bearer", **claims}
    form = {"token": text, "token_type_hint": "access_token"}
    assert ask(http, form, acme.basic, "introspect").json == told
    assert ask(gateway, form, path="introspect").json == told
    other = make_registered(services, "Other")
    assert ask(http, form, other.basic, "introspect").json == {"active": False}
    for nonsense in ("x", text[:-2], text + "A", acme.assertion()):
        assert ask(gateway, {"token": nonsense}, path="introspect").json == {"active": False}
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {text}"}):
        assert ask(http, form, headers, "introspect").status_code == 401
    assert ask(gateway, {}, path="introspect").json["error"] == "invalid_request"


def test_a_revoked_token_is_told_to_gateways(
    services: Services, http: FlaskClient, gateway: FlaskClient, acme: Registered
) -> None:
    text = ask(http, GRANT, acme.basic).json["access_token"]
    other = make_registered(services, "Other")
    answer = ask(http, {"token": text}, other.basic, "revoke")
    assert (answer.status_code, answer.json["error"]) == (400, "unauthorized_client")
    assert ask(gateway, {"token": text}, path="introspect").json["active"]
    for _ in range(2):
        answer = ask(http, {"token": text, "token_type_hint": "refresh_token"}, acme.basic, "revoke")
        assert (answer.status_code, answer.data) == (200, b"")
    assert ask(gateway, {"token": text}, path="introspect").json == {"active": False}
    claims = pyjwt.decode(text, options={"verify_signature": False})
    record = gateway.post("/internal/v1/ask", json={"client": acme.client.id}).json["record"]
    assert record["revoked_tokens"] == [{"jti": claims["jti"], "exp": claims["exp"]}]
    for unknown in ("x", text[:-4]):
        assert ask(http, {"token": unknown}, acme.basic, "revoke").status_code == 200
    assert ask(http, {"token": text}, {}, "revoke").status_code == 401


def test_the_end_of_all_tokens_ends_those_there_were_and_no_later_one(
    services: Services, http: FlaskClient, gateway: FlaskClient, acme: Registered
) -> None:
    before = ask(http, GRANT, acme.basic).json["access_token"]
    services.store.write(lambda tx: clients.revoke_tokens(tx, acme.client.id, services.clock()), SOMEBODY)
    after = ask(http, GRANT, acme.basic).json["access_token"]
    told = [ask(gateway, {"token": text}, path="introspect").json["active"] for text in (before, after)]
    assert told == [False, True]


def test_floods_are_slowed_for_an_address_and_for_a_client(services: Services, acme: Registered) -> None:
    now = services.clock()
    settings = replace(services.settings, address_header="X-Real-Ip")
    http = create_app(replace(services, settings=settings, clock=lambda: now)).test_client()
    answers = [ask(http, {}, {"X-Real-Ip": "192.0.2.1"}) for _ in range(ADDRESS_BURST + 5)]
    assert [answer.status_code for answer in answers] == [400] * ADDRESS_BURST + [429] * 5
    assert (answers[-1].json["error"], answers[-1].headers["Retry-After"]) == ("temporarily_unavailable", "1")
    assert ask(http, {}, {"X-Real-Ip": "192.0.2.2"}).status_code == 400
    assert ask(http, {}, {"X-Real-Ip": "198.51.100.7, 192.0.2.1"}).status_code == 429
    headers = {**acme.basic, "X-Real-Ip": "192.0.2.3"}
    statuses = [ask(http, GRANT, headers).status_code for _ in range(CLIENT_BURST + 2)]
    assert statuses == [200] * CLIENT_BURST + [429] * 2


def test_a_database_that_is_gone_is_503(services: Services) -> None:
    settings = Settings(database_url="postgresql://127.0.0.1:1/none", pepper_file=services.settings.pepper_file)
    http = create_app(build_services(settings)).test_client()
    answer = ask(http, {**GRANT, "client_id": "x", "client_secret": "y"})
    assert (answer.status_code, answer.json["error"]) == (503, "temporarily_unavailable")
