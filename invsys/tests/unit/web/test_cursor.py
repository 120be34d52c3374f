"""Cursors."""

import base64

import pytest
from flask.testing import FlaskClient


@pytest.fixture
def cursor(client: FlaskClient) -> str:
    for number in range(4):
        client.post("/api/cars", json={"name": f"car {number}"})
    return str(client.get("/api/cars?limit=2&sort=name").json["next_cursor"])


def ask(client: FlaskClient, cursor: str, query: str = "sort=name", path: str = "/api/cars") -> int:
    return client.get(f"{path}?{query}&cursor={cursor}").status_code


def test_a_cursor_goes_on_with_any_page_size(client: FlaskClient, cursor: str) -> None:
    for limit in (1, 2, 500):
        items = client.get(f"/api/cars?limit={limit}&sort=name&cursor={cursor}").json["items"]
        assert [item["name"] for item in items] == [f"car {number}" for number in range(2, min(4, 2 + limit))]


def test_a_cursor_belongs_to_its_list(client: FlaskClient, cursor: str) -> None:
    assert ask(client, cursor) == 200
    assert ask(client, cursor, "sort=-name") == 400
    assert ask(client, cursor, "sort=name&name_prefix=car") == 400
    assert ask(client, cursor, path="/api/lorries") == 400


def test_any_changed_bit_is_noticed(client: FlaskClient, cursor: str) -> None:
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    for index in range(len(raw)):
        changed = bytes(raw[:index]) + bytes([raw[index] ^ 1]) + bytes(raw[index + 1 :])
        assert ask(client, base64.urlsafe_b64encode(changed).decode().rstrip("=")) == 400
    for wrong in ("x", "====", cursor[:-4], cursor + "AAAA", "%00", "%ff", "é"):
        answer = client.get(f"/api/cars?sort=name&cursor={wrong}")
        assert (answer.status_code, answer.json["code"]) == (400, "bad_query")
