"""Who may ask: a browser page may not, whatever it tries; with a token, nobody may without it."""

import pytest
from starlette.requests import Request

from moongate.control.admin.access import judge
from moongate.control.admin.answers import AdminRefused

TOKEN = "0123456789abcdef"


def request(method: str = "GET", path: str = "/config", host: str = "127.0.0.1:9900", **headers: str) -> Request:
    fields = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in fields.items()]
    return Request(
        {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": raw,
            "server": ("127.0.0.1", 9900),
            "scheme": "http",
            "root_path": "",
        }
    )


def status(asked: Request, token: str | None = None) -> int:
    try:
        judge(asked, token)
    except AdminRefused as refused:
        return refused.status
    return 200


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:9900", "localhost:1", "LOCALHOST", "[::1]:9900", "10.1.2.3"])
def test_an_address_may_be_asked_by(host: str) -> None:
    assert status(request(host=host)) == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:9900", "", "127.0.0.1.evil.example", "[::1", "localhost."]
)
def test_a_name_that_was_made_to_mean_loopback_is_refused(host: str) -> None:
    """DNS rebinding: the page's own name resolves to 127.0.0.1, and the browser sends it."""
    assert status(request(host=host)) == 403
    assert status(request("POST", host=host, content_type="application/json")) == 403


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "json"]
)
def test_what_a_form_can_send_changes_nothing(content_type: str) -> None:
    assert status(request("POST", "/reload", content_type=content_type)) == 415


@pytest.mark.parametrize("host", ["x/healthz?", "127.0.0.1/healthz?", "a/healthz#"])
def test_a_host_is_no_part_of_the_path(host: str) -> None:
    assert status(request(host=host), TOKEN) == 401


def test_json_changes_things() -> None:
    assert status(request("POST", "/reload", content_type="application/json; charset=utf-8")) == 200


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "Bearer",
        "Bearer 0123456789abcde",
        "Bearer 0123456789abcdef0",
        "Basic 0123456789abcdef",
        "Bearer \xe9\xff",
        TOKEN,
    ],
)
def test_with_a_token_nothing_goes_without_it(shown: str) -> None:
    assert status(request(authorization=shown), TOKEN) == 401
    assert status(request("POST", "/reload", content_type="application/json", authorization=shown), TOKEN) == 401


def test_the_token_opens_everything_under_any_name() -> None:
    assert status(request(host="gateway.internal", authorization=f"bearer {TOKEN}"), TOKEN) == 200
    assert status(request("POST", "/reload", host="gateway.internal", authorization=f"Bearer {TOKEN}"), TOKEN) == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_open(path: str) -> None:
    assert status(request(path=path, host="anything"), TOKEN) == 200
    assert status(request("POST", path, host="anything"), TOKEN) == 401
