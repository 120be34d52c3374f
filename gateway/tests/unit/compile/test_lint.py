"""Warnings: each is told where it is due, and not where it is not."""

from __future__ import annotations

import pytest

from moongate.compile.compiler import JUDGES, compile_config
from moongate.compile.lint import CODES, lint
from moongate.config import Environment, for_target, parse

BASE = """\
version: 1
listeners: [{{bind: 127.0.0.1:8080}}, {{bind: '0.0.0.0:8081'}}]
trusted_proxies: [{trusted}]
services:
  a: {{targets: [{target}]}}
{services}routes:
  - {{name: base, match: {{path: /base}}, service: a}}
{routes}"""


def warnings_of(trusted: str = "", target: str = "http://a", services: str = "", routes: str = "") -> list[str]:
    text = BASE.format(trusted=trusted, target=target, services=services, routes=routes)
    config = parse(text, "f.yaml", JUDGES)
    return [str(warning) for warning in lint(config, compile_config(config, 1))]


def route(number: int, match: str, more: str = "") -> str:
    return f"  - {{name: r{number}, match: {{{match}}}, service: a{more}}}\n"


def test_a_usual_config_has_no_warnings() -> None:
    assert warnings_of() == []
    config = for_target("http://127.0.0.1:8000")
    assert lint(config, compile_config(config, 1)) == []


@pytest.mark.parametrize(("token", "told"), [("mgw_0123456789abcdefghij", True), ("${TOKEN}", False)])
def test_a_secret_in_a_config(token: str, told: bool) -> None:
    text = BASE.format(trusted="", target="http://a", services="", routes="")
    text += f"accounts: {{url: 'http://b', token: '{token}'}}\n"
    environment = Environment({"TOKEN": "mgw_0123456789abcdefghij"}.get, lambda *_: "")
    config = parse(text, "f.yaml", JUDGES, environment)
    warnings = lint(config, compile_config(config, 1))
    assert [warning.code for warning in warnings] == (["secret-in-config"] if told else [])
    assert not any("0123456789" in warning.message for warning in warnings)


@pytest.mark.parametrize(
    "form", ["{authenticate: {methods: [M]}}", "{authenticate: [M]}", "{authenticate: {methods: M}}"]
)
@pytest.mark.parametrize("credential", ["client_id: gw, client_secret: S", "token: S"])
def test_a_secret_of_a_filter_in_a_config(form: str, credential: str) -> None:
    def codes(secret: str) -> list[str | None]:
        asking = f"{{service: b, path: /i, {credential.replace('S', secret)}}}"
        filters = form.replace("M", f"{{introspection: {asking}}}")
        text = BASE.format(trusted="", target="http://a", services="  b: {targets: [http://b]}\n", routes="")
        text = text.replace("service: a}", f"service: a, filters: [{filters}]}}")
        config = parse(text, "f.yaml", JUDGES, Environment({"SECRET": "s3cr3t"}.get, lambda *_: ""))
        return [each.code for each in lint(config, compile_config(config, 1))]

    assert codes("s3cr3t") == ["secret-in-config"]
    assert codes("'${SECRET}'") == [], "and b is used"


@pytest.mark.parametrize(("secret", "told"), [("0123456789" * 4, ["f.yaml:4:28", "f.yaml:6:100"]), ("${SECRET}", [])])
def test_secrets_of_logins_in_a_config(secret: str, told: list[str]) -> None:
    routes = route(1, "path: /a", ", filters: [people]")
    text = BASE.format(trusted="10.0.0.0/8", target="http://a", services="", routes=routes)
    oidc = f"{{issuer: 'https://id.example.com', client_id: app, client_secret: '{secret}'}}"
    people = f"filters:\n  people: {{authenticate: [{{oidc: {oidc}}}]}}\n"
    text = text.replace("services:", f"tokens: {{session_secrets: ['{secret}']}}\n{people}services:")
    environment = Environment({"SECRET": "0123456789" * 4}.get, lambda *_: "")
    config = parse(text, "f.yaml", JUDGES, environment)
    warnings = lint(config, compile_config(config, 1))
    assert {warning.code for warning in warnings} == ({"secret-in-config"} if told else set())
    assert sorted(f"{warning.source}:{warning.line}:{warning.col}" for warning in warnings) == told
    assert not any("0123456789" in warning.message for warning in warnings)


HASH = "$2b$04$" + "a" * 53
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.mark.parametrize("shape", ["[{method}]", "{{methods: [{method}]}}"])
@pytest.mark.parametrize(
    ("method", "told"),
    [
        (f"{{basic: {{users: 'ada:{HASH}'}}}}", ["`users`"]),
        ("{basic: {users: '${USERS}'}}", []),
        (
            f"{{hmac: {{keys: {{a: {{client: c, secret: '${{KEY}}'}}, b: {{client: c, secret: {KEY}}}}}}}}}",
            ["`secret`"],
        ),
    ],
    ids=["users", "users from outside", "one key of two"],
)
def test_a_credential_in_a_config(method: str, shape: str, told: list[str]) -> None:
    filters = f"filters: {{f: {{authenticate: {shape.format(method=method)}}}}}\n"
    routes = route(1, "path: /1", ", filters: [f]") + route(2, "path: /2", ", filters: [f]")
    text = BASE.format(trusted="10.0.0.0/8", target="http://a", services="", routes=routes) + filters
    environment = Environment({"USERS": f"ada:{HASH}", "KEY": KEY}.get, lambda *_: "")
    config = parse(text, "f.yaml", JUDGES, environment)
    warnings = lint(config, compile_config(config, 1))
    assert [warning.code for warning in warnings] == ["secret-in-config"] * len(told), "once for both routes"
    assert [warning.message.split()[0] for warning in warnings] == told


@pytest.mark.parametrize(
    ("listener", "more", "oidc", "told"),
    [
        ("0.0.0.0:80", "", "", True),
        ("'[::]:80'", "", "", True),
        ("127.0.0.1:80", "", "", False),
        ("0.0.0.0:80", "trusted_proxies: [10.0.0.0/8]", "", False),
        ("0.0.0.0:80", "", ", allow_http: true", False),
        ("0.0.0.0:443, tls: {certificate: a.pem, key: a.key}", "", "", False),
    ],
)
def test_logins_that_would_show_everybody_a_cookie(listener: str, more: str, oidc: str, told: bool) -> None:
    login = f"{{oidc: {{issuer: 'https://id.example.com', client_id: app, client_secret: '${{SECRET}}'{oidc}}}}}"
    text = (
        f"version: 1\nlisteners: [{{bind: {listener}}}]\n{more}\nservices: {{a: {{targets: [http://a]}}}}\n"
        f"routes: [{{name: a, match: {{path: /a}}, service: a, filters: [{{authenticate: [{login}]}}]}}]\n"
    )
    config = parse(text, "f.yaml", JUDGES, Environment({"SECRET": "hush"}.get, lambda *_: ""))
    warnings = lint(config, compile_config(config, 1))
    assert [warning.code for warning in warnings] == (["login-without-tls"] if told else [])


def test_certificates_that_nobody_verifies() -> None:
    services = "  b: {targets: [https://b], tls: {verify: false}}\n"
    message = "any certificate is accepted: whoever sits between can read and change everything [tls-unverified]"
    told = warnings_of(services=services, routes="  - {name: b, match: {path: /b}, service: b}\n")
    assert told == [f"f.yaml:6:43: {message}"]


@pytest.mark.parametrize("network", ["0.0.0.0/0", "'::/0'"])
def test_trusts_everyone(network: str) -> None:
    message = "every address is trusted: any client can claim to be any other in X-Forwarded-For [trusts-everyone]"
    assert warnings_of(trusted=f"10.0.0.0/8, {network}") == [f"f.yaml:3:31: {message}"]


@pytest.mark.parametrize(
    ("target", "loops"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080", True),
        ("http://127.0.0.1:8081", True),
        ("http://localhost:8081", True),
        ("http://127.0.0.2:8080", False),
        ("http://127.0.0.1:8082", False),
        ("http://a:8080", False),
    ],
)
def test_forwards_to_itself(target: str, loops: bool) -> None:
    message = "f.yaml:5:17: this is the gateway itself: requests would go round for ever [forwards-to-itself]"
    assert warnings_of(target=target) == ([message] if loops else [])


def test_unused_service() -> None:
    assert warnings_of(services="  b: {targets: [http://b]}\n") == [
        "f.yaml:6:3: no route goes to service 'b' [unused-service]"
    ]


def test_unlimited_body() -> None:
    assert [line[-16:] for line in warnings_of(routes=route(1, "path: /1", ", max_body: unlimited"))] == [
        "[unlimited-body]"
    ]


@pytest.mark.parametrize(
    ("value", "is_told"),
    [
        ("$remote_addr", True),
        ("%REQ(X-A)%", True),
        ("{http.request.host}", True),
        ("{{host}}", True),
        ("Basic YTpi", False),
        ("100%", False),
        ("$5.00", False),
        ("{}", False),
    ],
)
def test_values_of_another_dialect(value: str, is_told: bool) -> None:
    filters = (
        f", filters: [{{request_headers: {{set: {{X-A: '{value}'}}}}}}, {{response_headers: {{add: {{X-B: a}}}}}}]"
    )
    message = f"{value} is sent as it stands: header values hold no variables [literal-variable]"
    assert [each.split(": ", 1)[1] for each in warnings_of(routes=route(1, "path: /1", filters))] == [message] * is_told


def test_a_credential_for_a_service_that_stands_in_the_config() -> None:
    text = BASE.format(trusted="", target="http://a", services="", routes="")
    fields = "{Authorization: 'Bearer abc', X-API-Key: '${KEY}', X-Team: blue}"
    text += route(1, "path: /1", f", filters: [{{request_headers: {{set: {fields}}}}}]")
    config = parse(text, "f.yaml", JUDGES, Environment({"KEY": "opensesame"}.get, lambda *_: ""))
    assert [str(each).split(": ", 1)[1] for each in lint(config, compile_config(config, 1))] == [
        "`Authorization` stands in the config: put it into a file and write ${file:PATH} [secret-in-config]"
    ]


LITERAL = "is taken literally: {name} takes any one segment, a tail /** the rest of the path [literal-pattern]"


@pytest.mark.parametrize(
    ("path", "warning"),
    [
        ("/cars/:id", ":id is taken literally: a placeholder is {id} [literal-colon]"),
        ("/cars/{id:int}", "{id:int} takes the word 'int' alone; write {id} for any segment [type-in-placeholder]"),
        ("/cars/{id:cars}", None),
        ("/cars/a:b", None),
        ("/v1*", f"v1* {LITERAL}"),
        ("/cars/(.*)/x", f"(.*) {LITERAL}"),
        ("/cars/[0-9]+", f"[0-9]+ {LITERAL}"),
        ("/cars/.+", f".+ {LITERAL}"),
        ("/cars$", f"cars$ {LITERAL}"),
        ("/cars|vans/**", f"cars|vans {LITERAL}"),
        ("/Cars(7)/$count", None),
        ("*", None),
    ],
)
def test_paths_of_another_dialect(path: str, warning: str | None) -> None:
    assert warnings_of(routes=route(1, f'path: "{path}"')) == ([f"f.yaml:8:30: {warning}"] if warning else [])


@pytest.mark.parametrize(
    ("covering", "covered", "unreachable"),
    [
        (["path: /a", "path: /b"], "path: '/{x:a|b}'", True),
        (["path: /a"], "path: '/{x:a|b}'", False),
        (["path: /a/**", "path: /b/**"], "path: '/{x:a|b}/**'", True),
        (["path: '/a/{i}'", "path: '/b/{j}'"], "path: '/{x:a|b}/{k}', methods: GET", True),
        (["path: /a", "path: /b, methods: GET"], "path: '/{x:a|b}'", False),
        (["path: /a", "path: /b, headers: {X: 1}"], "path: '/{x:a|b}'", False),
        (["path: /a, host: h.example"], "path: '/{x:a}'", False),
        (["path: /a"], "path: '/{x:a}', host: h.example", False),
        (["path: /a/x", "path: /b/x", "path: /a/y", "path: /b/y"], "path: '/{i:a|b}/{j:x|y}'", True),
        (["path: /a"], "path: '/{x}'", False),
    ],
)
def test_unreachable_route(covering: list[str], covered: str, unreachable: bool) -> None:
    routes = "".join(route(number, match) for number, match in enumerate(covering)) + route(99, covered)
    warnings = warnings_of(routes=routes)
    assert [line.rpartition(" ")[2] for line in warnings] == (["[unreachable-route]"] if unreachable else [])


def test_a_comment_silences() -> None:
    silenced = "  # moongate: allow unlimited-body because videos are uploaded here\n" + route(
        1, "path: /1", ", max_body: unlimited"
    )
    assert warnings_of(routes=silenced) == []


def test_every_code_is_explained() -> None:
    assert all(CODES.values())
    assert list(CODES) == sorted(CODES, key=list(CODES).index)
