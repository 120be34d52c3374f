"""A copy of the database opens nothing: each value of each column is tried as key, secret and token."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from accounts.adapters.tables import metadata
from accounts.bootstrap.wiring import Services
from accounts.service import keys
from accounts.service.bootstrapping import Beginning
from accounts.web.app import create_app
from accounts_harness.making import make_key
from accounts_harness.oauth import ask, make_registered
from servicekit.storage.engine import database_url


def values_of(url: str) -> Iterator[str]:
    """Every value there is, as text and in each form in which octets are written."""
    engine = create_engine(database_url(url, "accounts"))
    with engine.connect() as connection:
        for table in metadata.tables:
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                for value in row:
                    if isinstance(value, bytes | memoryview):
                        octets = bytes(value)
                        yield octets.hex()
                        yield base64.urlsafe_b64encode(octets).decode().rstrip("=")
                        yield base64.b64encode(octets).decode()
                    elif value is not None:
                        yield str(value)
                        yield from leaves(str(value))
    engine.dispose()


def leaves(value: str) -> Iterator[str]:
    """What is inside of JSON."""
    try:
        found: Any = json.loads(value)
    except ValueError:
        return
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        else:
            yield str(one)


def test_no_value_of_any_column_opens_anything(
    services: Services, database_url: str, beginning: Beginning, gateway: FlaskClient
) -> None:
    acme = make_registered(services)
    made = make_key(services, acme.client)
    http = create_app(services).test_client()
    token = ask(http, acme.asserted()).json["access_token"]
    assert ask(http, {"token": token}, acme.basic, "revoke").status_code == 200
    fresh = ask(http, {"grant_type": "client_credentials"}, acme.basic).json["access_token"]
    secrets = {made.text, acme.secret, token, fresh, beginning.admin_token, beginning.gateway_token}
    tried = set(values_of(database_url))
    assert len(tried) > 50
    assert not tried & secrets
    held, now = services.peppers.all(), services.clock()
    for value in tried:
        assert not any(secret in value for secret in secrets)
        assert not keys.opens(made.key, value, held, now)
        if "\n" in value or "\r" in value or not value.isascii():
            continue
        bearer = {"Authorization": f"Bearer {value}"}
        assert http.get("/internal/v1/snapshot", headers=bearer).status_code == 401, value
        form = {"grant_type": "client_credentials", "client_id": acme.client.id, "client_secret": value[:1000]}
        assert ask(http, form).status_code in (400, 401, 429), value
        assert ask(gateway, {"token": value[:8000]}, path="introspect").json.get("active") is not True, value


@pytest.fixture(autouse=True)
def _generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.web.oauth.ADDRESS_BURST", 1_000_000)
