"""Off-the-shelf clients at a real server: discovery, a token by each method, and what becomes of it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import jwt as pyjwt
import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc8414 import get_well_known_url
from joserfc import jwt
from joserfc.jwk import KeySet

from accounts.bootstrap.settings import Settings
from accounts.bootstrap.wiring import Services, build_services
from accounts.service.bootstrapping import bootstrap
from accounts_harness.making import SOMEBODY
from accounts_harness.oauth import Registered, make_registered
from servicekit.testing.databases import Databases
from servicekit.testing.served import Served

METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")


@pytest.fixture
def issuing(databases: Databases, tmp_path: Path) -> Iterator[Services]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    services = build_services(
        Settings(database_url=databases.migrated("sqlite"), pepper_file=str(tmp_path / "peppers"), issuer=url)
    )
    bootstrap(services.store, services.peppers, services.clock(), SOMEBODY)
    yield services
    services.close()


@pytest.fixture
def served(issuing: Services) -> Iterator[Served]:
    settings = issuing.settings
    environ = {"ACCOUNTS_PEPPER_FILE": settings.pepper_file, "ACCOUNTS_ISSUER": settings.issuer}
    served = Served("accounts", settings.database_url, environ)
    served.base_url = settings.issuer
    with served:
        yield served


def test_a_token_by_each_method(issuing: Services, served: Served) -> None:
    acme = make_registered(issuing)
    metadata = requests.get(get_well_known_url(served.base_url, external=True), timeout=30).json()
    assert metadata == requests.get(f"{served.base_url}/.well-known/openid-configuration", timeout=30).json()
    assert metadata["token_endpoint_auth_methods_supported"] == list(METHODS)
    for method in METHODS:
        _use(method, acme, metadata)


def _use(method: str, acme: Registered, metadata: dict[str, str]) -> None:
    shown = acme.key if method == "private_key_jwt" else acme.secret
    session = OAuth2Session(
        acme.client.id, shown, token_endpoint_auth_method=method, revocation_endpoint_auth_method=method, scope="read"
    )
    session.register_client_auth_method(PrivateKeyJWT(metadata["token_endpoint"], alg="ES256"))
    with session:
        token = session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
        text = token["access_token"]
        assert (token["scope"], token["expires_in"]) == ("read", 300)
        _verify(text, acme, metadata)
        told = session.introspect_token(metadata["introspection_endpoint"], token=text).json()
        assert (told["active"], told["client_id"], told["scope"]) == (True, acme.client.id, "read")
        assert session.revoke_token(metadata["revocation_endpoint"], token=text).status_code == 200
        told = session.introspect_token(metadata["introspection_endpoint"], token=text).json()
        assert told == {"active": False}


def _verify(text: str, acme: Registered, metadata: dict[str, str]) -> None:
    found = pyjwt.PyJWKClient(metadata["jwks_uri"]).get_signing_key_from_jwt(text)
    claims = pyjwt.decode(text, found, algorithms=["ES256"], audience="moongate", issuer=metadata["issuer"])
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=30).json())
    assert jwt.decode(text, keys, algorithms=["ES256"]).claims == claims
    assert claims["sub"] == acme.client.id
