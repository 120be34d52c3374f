"""A copy of the database opens nothing over HTTP either: stored answers and forms of a credential are tried as well."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from accounts.adapters.tables import metadata
from accounts.domain.credentials import MAX_TEXT
from accounts_harness.served import ServedAccounts
from servicekit.storage.engine import build_engine

PASSWORD = "correct horse battery"


def fill(served: ServedAccounts) -> list[str]:
    """One of everything that has a secret, each made under an Idempotency-Key; the texts that do open something."""
    with served.admin() as http:
        client = http.post("/v1/clients", json={"name": "Acme"}).json()["id"]
        key = http.post(f"/v1/clients/{client}/keys", json={"name": "key"}).json()
        rotated = http.post(f"/v1/clients/{client}/keys/{key['id']}/rotate", json={}).json()
        gateway = http.post("/v1/gateways", json={"name": "edge"}).json()
        admin = http.post("/v1/admins", json={"name": "eve", "password": PASSWORD}).json()
        token = http.post(f"/v1/admins/{admin['id']}/tokens", json={"name": "ci"}).json()
        signed = httpx.post(f"{served.base_url}/v1/sign-in", json={"name": "eve", "password": PASSWORD}).json()
    texts = [key["key"], rotated["key"], gateway["credential"], token["token"], signed["token"]]
    return [*texts, served.admin_token, served.gateway_file.read_text().strip(), PASSWORD]


def dump(served: ServedAccounts) -> Iterator[tuple[str, Any]]:
    """Every value of every column, as it is; what is bytes as hexadecimal and base64 too."""
    engine = build_engine(served.database_url, 1, "accounts")
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(text(f"SELECT * FROM {table.name}")).mappings():
                for column, value in row.items():
                    where = f"{table.name}.{column}"
                    if isinstance(value, bytes | memoryview):
                        octets = bytes(value)
                        yield where, octets.hex()
                        yield where, base64.urlsafe_b64encode(octets).decode().rstrip("=")
                        yield where, octets.decode("latin-1")
                    elif value is not None:
                        yield where, str(value)
    engine.dispose()


def opened(served: ServedAccounts, value: str, idents: set[str]) -> list[str]:
    """What a value opens, alone and in the forms that a credential has."""
    shapes = {value, value.strip()[:MAX_TEXT]}
    shapes |= {f"{prefix}_{ident}_{value[:38]}" for prefix in ("mga", "mgw") for ident in idents}
    found = []
    with httpx.Client(base_url=served.base_url, timeout=60) as http:
        for shape in shapes:
            if not shape.isascii() or not shape.isprintable():
                continue
            headers = {"Authorization": f"Bearer {shape}"}
            found += [
                path
                for path in ("/v1/clients", "/internal/v1/snapshot")
                if http.get(path, headers=headers).status_code != 401
            ]
    return found


@pytest.mark.slow
def test_no_value_of_a_dump_opens_anything(database_url: str) -> None:
    with ServedAccounts(database_url) as served:
        texts = fill(served)
        values = {(where, value) for where, value in dump(served)}
        assert {"api_keys.mac", "answers.body", "audit.details", "records.body"} <= {where for where, _ in values}
        everything = "\n".join(value for _, value in values)
        for secret in texts:
            assert secret not in everything
            assert secret[-38:] not in everything
        # Short values and repeated numbers are no secrets; trying each once is enough.
        distinct = {value for _, value in values if len(value) >= 12}
        idents = {value for where, value in values if where in ("gateways.id", "admin_tokens.id")}
        for value in sorted(distinct):
            assert opened(served, value, idents) == [], value
        passwords = [value for where, value in values if where == "admins.password"]
        assert len(passwords) == 1
        tried = httpx.post(f"{served.base_url}/v1/sign-in", json={"name": "eve", "password": passwords[0]})
        assert tried.status_code == 401
        # And the texts themselves do open, or the test would prove nothing.
        assert opened(served, served.admin_token, set()) == ["/v1/clients"]


def test_a_gateways_replica_opens_nothing_without_the_peppers(database_url: str) -> None:
    """What a gateway is told of a key, its code, is not the key."""
    with ServedAccounts(database_url) as served:
        texts = fill(served)
        with served.gateway() as http:
            told = http.get("/internal/v1/snapshot").text
        for secret in texts:
            assert secret not in told
            assert secret[-38:] not in told
