"""Clients of the token endpoint, as they are registered and as they ask."""

import base64
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from accounts.bootstrap.wiring import Services
from accounts.domain.client import Client
from accounts.domain.oauth import ASSERTION_TYPE
from accounts.service import profiles
from accounts_harness.making import SOMEBODY, make_client
from servicekit.core.values import ANY

SCOPES = ("read", "write")


@dataclass
class Registered:
    """A client with a secret and a key pair."""

    client: Client
    secret: str
    key: ECKey | RSAKey | OKPKey
    alg: str = "ES256"
    issuer: str = ""
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def basic(self) -> dict[str, str]:
        """The header of HTTP Basic."""
        return {"Authorization": "Basic " + base64.b64encode(f"{self.client.id}:{self.secret}".encode()).decode()}

    def assertion(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """A good assertion, but for the changes; a claim that is None is left out."""
        now = int(time.time())
        claims = {
            "iss": self.client.id,
            "sub": self.client.id,
            "aud": self.issuer,
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid.uuid4()),
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": self.alg, **(header or {})}, claims, self.key, algorithms=[self.alg])

    def asserted(self, text: str | None = None) -> dict[str, str]:
        """The form of private_key_jwt."""
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": text or self.assertion(),
        }


def make_registered(services: Services, name: str = "Acme", alg: str = "ES256") -> Registered:
    """A client that may have the scopes `read` and `write`."""
    client = make_client(services, name)
    key: ECKey | RSAKey | OKPKey
    match alg:
        case "ES256":
            key = ECKey.generate_key("P-256")
        case "RS256":
            key = RSAKey.generate_key(2048)
        case _:
            key = OKPKey.generate_key("Ed25519")
    patch = {"scopes": SCOPES, "jwks": {"keys": [key.as_dict(private=False)]}}
    pepper, jose = services.peppers.current(), services.oauth.jose
    services.store.write(lambda tx: profiles.change(tx, client.id, patch, ANY, jose), SOMEBODY)
    made = services.store.write(
        lambda tx: profiles.create_secret(tx, client.id, None, pepper, services.clock()), SOMEBODY
    )
    return Registered(client, made.text, key, alg, services.oauth.issuer)


def ask(http: FlaskClient, form: dict[str, Any], headers: dict[str, str] | None = None, path: str = "token") -> Any:
    """Post a form to an endpoint."""
    return http.post(f"/oauth/{path}", data=form, headers=headers)
