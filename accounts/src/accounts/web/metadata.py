"""Where the endpoints are and what they take (RFC 8414; the same where OpenID has it), and the JWKS."""

import hashlib
from typing import Any

from flask import Blueprint, Response, request

from accounts.bootstrap.oauth import TOKEN_PATH
from accounts.bootstrap.wiring import Services
from accounts.domain.signing_key import JWKS_MAX_AGE_S, Algorithm
from servicekit.web.answers import JSON, encode
from servicekit.web.body import read_query
from servicekit.web.shapes import NoQuery

JWKS_PATH = "/oauth/jwks"
METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
ASSERTION_ALGORITHMS = ("ES256", "RS256", "EdDSA", "Ed25519")


def build(services: Services) -> Blueprint:
    """The routes."""
    routes = Blueprint("metadata", __name__)
    told = metadata(services.oauth.issuer)

    @routes.get("/.well-known/oauth-authorization-server")
    @routes.get("/.well-known/openid-configuration")
    def show_metadata() -> Response:
        read_query(request, NoQuery)
        return _kept(told)

    @routes.get(JWKS_PATH)
    def show_keys() -> Response:
        read_query(request, NoQuery)
        return _kept({"keys": [key.public for key in services.oauth.keyring.published()]})

    return routes


def metadata(issuer: str) -> dict[str, Any]:
    """The document. There are no users, so no authorization endpoint; one response type is required: `none`."""
    algorithms = list(ASSERTION_ALGORITHMS)
    found: dict[str, Any] = {
        "issuer": issuer,
        "token_endpoint": issuer + TOKEN_PATH,
        "jwks_uri": issuer + JWKS_PATH,
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": ["none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [algorithm.value for algorithm in Algorithm],
    }
    for endpoint in ("token", "introspection", "revocation"):
        found[f"{endpoint}_endpoint_auth_methods_supported"] = list(METHODS)
        found[f"{endpoint}_endpoint_auth_signing_alg_values_supported"] = algorithms
    return found


def _kept(body: dict[str, Any]) -> Response:
    text = encode(body)
    response = Response(text, content_type=JSON)
    response.headers["Cache-Control"] = f"public, max-age={JWKS_MAX_AGE_S}"
    response.set_etag(hashlib.sha256(text.encode()).hexdigest()[:32])
    response.make_conditional(request)
    return response
