"""Off-the-shelf clients at a real server: discovery, a token by each method, and what becomes of it."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import jwt as pyjwt
import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from servicekit.testing.served import Served


class Client:
    """As an operator registers it: by the command line."""

    def __init__(self, served: Served, directory: Path) -> None:
        self.key = ECKey.generate_key("P-256")
        jwks = directory / "jwks.json"
        jwks.write_text(json.dumps({"keys": [self.key.as_dict(private=False)]}))
        self.id = _said(served, "client", "create", "Acme")["id"]
        _said(served, "oauth", self.id, "--scope", "read", "--scope", "write", "--jwks", str(jwks))
        self.secret = _said(served, "secret", "create", self.id)["client_secret"]


def _said(served: Served, *arguments: str) -> dict[str, str]:
    done = served.command(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    said: dict[str, str] = json.loads(done.stdout)
    return said


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory = tmp_path_factory.mktemp("accounts")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    environ = {"ACCOUNTS_PEPPER_FILE": str(directory / "peppers"), "ACCOUNTS_ISSUER": url}
    served = Served("accounts", environ=environ)
    served.base_url = url
    for command in (("migrate",), ("bootstrap", "--gateway-file", str(directory / "gateway.token"))):
        done = served.command(*command)
        assert done.returncode == 0, done.stderr
    with served:
        yield served


@pytest.fixture(scope="module")
def acme(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(served, tmp_path_factory.mktemp("client"))


@pytest.fixture
def metadata(served: Served) -> dict[str, str]:
    """What Authlib discovers, as RFC 8414 and as OpenID."""
    found = requests.get(get_well_known_url(served.base_url, external=True), timeout=30).json()
    assert found == requests.get(f"{served.base_url}/.well-known/openid-configuration", timeout=30).json()
    AuthorizationServerMetadata({**found, "issuer": "https://a"}).validate_issuer()
    return dict(found)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
def test_a_token_by_each_method(served: Served, acme: Client, metadata: dict[str, str], method: str) -> None:
    assert method in metadata["token_endpoint_auth_methods_supported"]
    shown = acme.key if method == "private_key_jwt" else acme.secret
    session = OAuth2Session(
        acme.id, shown, token_endpoint_auth_method=method, revocation_endpoint_auth_method=method, scope="read"
    )
    session.register_client_auth_method(PrivateKeyJWT(metadata["token_endpoint"], alg="ES256"))
    with session:
        token = session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
        text = token["access_token"]
        assert (token["scope"], token["expires_in"]) == ("read", 300)
        _verify(text, acme, metadata)
        told = session.introspect_token(metadata["introspection_endpoint"], token=text).json()
        assert (told["active"], told["client_id"], told["scope"]) == (True, acme.id, "read")
        assert session.revoke_token(metadata["revocation_endpoint"], token=text).status_code == 200
        told = session.introspect_token(metadata["introspection_endpoint"], token=text).json()
        assert told == {"active": False}


def _verify(text: str, acme: Client, metadata: dict[str, str]) -> None:
    found = pyjwt.PyJWKClient(metadata["jwks_uri"]).get_signing_key_from_jwt(text)
    claims = pyjwt.decode(text, found, algorithms=["ES256"], audience="moongate", issuer=metadata["issuer"])
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=30).json())
    assert jwt.decode(text, keys, algorithms=["ES256"]).claims == claims
    assert claims["sub"] == acme.id
