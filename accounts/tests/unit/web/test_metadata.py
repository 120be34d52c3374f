"""Metadata and keys, as clients and verifiers find them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata
from flask.testing import FlaskClient

from accounts.bootstrap.wiring import Services, build_services
from accounts.web.app import create_app


@pytest.fixture
def http(services: Services) -> Iterator[FlaskClient]:
    settings = replace(services.settings, issuer="https://accounts.example")
    named = build_services(settings)
    yield create_app(named).test_client()
    named.close()


@pytest.mark.parametrize("name", ["oauth-authorization-server", "openid-configuration"])
def test_a_library_accepts_what_it_discovers(http: FlaskClient, name: str) -> None:
    told = http.get(f"/.well-known/{name}").json
    AuthorizationServerMetadata(told).validate()
    OpenIDProviderMetadata(told).validate()
    assert (told["issuer"], told["token_endpoint"]) == (
        "https://accounts.example",
        "https://accounts.example/oauth/token",
    )
    for endpoint in ("token_endpoint", "introspection_endpoint", "revocation_endpoint"):
        assert http.post(told[endpoint].removeprefix("https://accounts.example")).status_code in (400, 401)


def test_keys_are_public_and_may_be_kept_for_a_while(http: FlaskClient) -> None:
    answer = http.get("/oauth/jwks")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert http.get("/oauth/jwks", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    [key] = answer.json["keys"]
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert http.get("/oauth/jwks?x=1").status_code == 400
