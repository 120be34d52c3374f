"""What issuers publish: where it is looked for, what is believed of it, and for how long."""

from __future__ import annotations

import json

import pytest

from gateway_harness.tokens import Signer, key_set
from moongate.control.tokens.documents import metadata_urls, read_key_set, read_metadata, seconds_to_hold
from moongate.control.tokens.fetch import FetchFailed
from moongate.core.token_plans import KeySourcePlan

NEAR = "http://127.0.0.1:1"
FAR = "https://id.example.com/tenant"


@pytest.mark.parametrize(
    ("issuer", "openid", "oauth"),
    [
        ("https://a", "https://a/.well-known/openid-configuration", "https://a/.well-known/oauth-authorization-server"),
        (
            "https://a:1/t/",
            "https://a:1/t/.well-known/openid-configuration",
            "https://a:1/.well-known/oauth-authorization-server/t",
        ),
    ],
)
def test_where_issuers_describe_themselves(issuer: str, openid: str, oauth: str) -> None:
    assert metadata_urls(issuer) == (openid, oauth)


@pytest.mark.parametrize(
    ("issuer", "uri", "allows_http"),
    [
        (FAR, "https://id.example.com/keys", False),
        (FAR, "https://www.googleapis.com/keys", False),
        (NEAR, "http://127.0.0.1:1/keys", False),
        (NEAR, "http://localhost:2/keys", False),
        ("http://id.example.com", "http://id.example.com/keys", False),
        (FAR, "http://keys.example.com/", True),
    ],
)
def test_where_keys_may_be(issuer: str, uri: str, allows_http: bool) -> None:
    plan = KeySourcePlan(issuer, allows_http=allows_http)
    assert read_metadata(json.dumps({"issuer": issuer, "jwks_uri": uri, "more": [1]}).encode(), plan).jwks_uri == uri


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        ({"issuer": FAR, "jwks_uri": "http://id.example.com/keys"}, "not reached over https"),
        ({"issuer": FAR, "jwks_uri": "http://127.0.0.1/keys"}, "not reached over https"),
        ({"issuer": FAR, "jwks_uri": "file:///etc/passwd"}, "not reached over https"),
        ({"issuer": FAR, "jwks_uri": "/keys"}, "not reached over https"),
        ({"issuer": FAR, "jwks_uri": "https://a@b/keys"}, "a place that is none"),
        ({"issuer": FAR, "jwks_uri": "https:///keys"}, "a place that is none"),
        ({"issuer": FAR, "jwks_uri": "https://a:b/keys"}, "a place that is none"),
        ({"issuer": FAR + "/", "jwks_uri": "https://id.example.com/keys"}, "and not what the config has"),
        ({"issuer": "https://evil", "jwks_uri": "https://id.example.com/keys"}, "and not what the config has"),
        ({"issuer": FAR}, "in no way that is understood"),
        ({"issuer": FAR, "jwks_uri": 7}, "in no way that is understood"),
        ([], "in no way that is understood"),
    ],
)
def test_what_is_not_believed(said: object, failure: str) -> None:
    with pytest.raises(FetchFailed, match=failure):
        read_metadata(json.dumps(said).encode(), KeySourcePlan(FAR))


def test_where_people_log_in() -> None:
    said = {
        "issuer": FAR,
        "jwks_uri": "https://id.example.com/keys",
        "authorization_endpoint": "https://login.example.com/authorize?tenant=1",
        "token_endpoint": "https://id.example.com/token",
        "end_session_endpoint": "https://id.example.com/logout",
        "authorization_response_iss_parameter_supported": True,
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
    }
    found = read_metadata(json.dumps(said).encode(), KeySourcePlan(FAR))
    assert found == (
        "https://id.example.com/keys",
        "https://login.example.com/authorize?tenant=1",
        "https://id.example.com/token",
        "https://id.example.com/logout",
        True,
        False,
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example.com/token",
        "https://a@id.example.com/token",
        "javascript:alert(1)",
        "https://id.example.com/token#x",
        "https://id.example.com/to ken",
        "https://id.example.com/\r\nSet-Cookie: a=b",
        "https://id.example.com/" + "a" * 2048,
        "https://a:b/",
        "",
        None,
    ],
)
def test_an_endpoint_that_nobody_may_go_to_is_none(url: str | None) -> None:
    said = {
        "issuer": FAR,
        "jwks_uri": "https://id.example.com/keys",
        "token_endpoint": url,
        "end_session_endpoint": url,
    }
    found = read_metadata(json.dumps(said).encode(), KeySourcePlan(FAR))
    assert (found.token_endpoint, found.end_session_endpoint) == ("", "")
    assert found.takes_basic


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"[" * 100_000, b"null"])
def test_what_is_no_document(body: bytes) -> None:
    with pytest.raises(FetchFailed):
        read_metadata(body, KeySourcePlan(FAR))
    with pytest.raises(FetchFailed):
        read_key_set(body)


def test_a_set_has_a_key_that_can_be_used() -> None:
    good = key_set(Signer())
    assert read_key_set(good) == good.decode()
    for without in (b'{"keys": []}', key_set(Signer(), use="enc"), b'{"keys": [{"kty": "oct", "k": "AAAA"}]}'):
        with pytest.raises(FetchFailed, match="no key that could verify"):
            read_key_set(without)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("", 600),
        ("max-age=300", 300),
        ('public, max-age="1200", must-revalidate', 1200),
        ("Max-Age=0", 60),
        ("max-age=99999999", 3600),
        ("max-age=999999999999999", 600),
        ("max-age=-1", 600),
        ("s-maxage=70", 600),
        ("no-store, max-age=100", 600),
        ("max-age=soon", 600),
    ],
)
def test_how_long_it_holds(said: str, seconds: float) -> None:
    assert seconds_to_hold(said) == seconds
