"""Cursors."""

import base64

import pytest
from flask.testing import FlaskClient


@pytest.fixture
def cursor(client: FlaskClient) -> str:
    for number in range(4):
        client.post("/notes", json={"text": f"note {number}"})
    return str(client.get("/notes?limit=2&prefix=note").json["next_cursor"])


def ask(client: FlaskClient, cursor: str, query: str = "prefix=note", path: str = "/notes") -> int:
    return client.get(f"{path}?{query}&cursor={cursor}").status_code


def test_a_cursor_goes_on_with_any_page_size(client: FlaskClient, cursor: str) -> None:
    for limit in (1, 2, 500):
        items = client.get(f"/notes?limit={limit}&prefix=note&cursor={cursor}").json["items"]
        assert [item["text"] for item in items] == [f"note {number}" for number in range(2, min(4, 2 + limit))]


def test_a_cursor_belongs_to_its_list(client: FlaskClient, cursor: str) -> None:
    assert ask(client, cursor) == 200
    assert ask(client, cursor, "prefix=x") == 400
    assert ask(client, cursor, "prefix=note&label[a]=b") == 400
    assert ask(client, cursor, path="/notes/others") == 400


def test_any_changed_bit_is_noticed(client: FlaskClient, cursor: str) -> None:
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    for index in range(len(raw)):
        changed = bytes(raw[:index]) + bytes([raw[index] ^ 1]) + bytes(raw[index + 1 :])
        assert ask(client, base64.urlsafe_b64encode(changed).decode().rstrip("=")) == 400
    for wrong in ("x", "====", cursor[:-4], cursor + "AAAA", "%00", "%ff", "é"):
        answer = client.get(f"/notes?prefix=note&cursor={wrong}")
        assert (answer.status_code, answer.json["code"]) == (400, "bad_query")
