"""If-Match and If-None-Match."""

import pytest
from flask.testing import FlaskClient


@pytest.fixture
def note(client: FlaskClient) -> str:
    made = client.post("/notes", json={"text": "a"})
    assert made.headers["ETag"] == '"1"'
    return str(made.headers["Location"])


def test_a_change_needs_a_condition(client: FlaskClient, note: str) -> None:
    answer = client.patch(note, json={"text": "b"}, headers={"If-Match": ""})
    assert (answer.status_code, answer.json["code"]) == (428, "if_match_missing")


@pytest.mark.parametrize(
    "tag", ["1", '"1', ",", '"2"', 'W/"1"', '"x"', '"01"', '"0", "2"', '"11111111111111111111"', '""']
)
def test_a_stale_condition_is_412_and_changes_nothing(client: FlaskClient, note: str, tag: str) -> None:
    answer = client.patch(note, json={"text": "b"}, headers={"If-Match": tag})
    assert (answer.status_code, answer.json["code"]) == (412, "stale_version")
    assert 'its ETag is "1", quotes and all' in answer.json["detail"]
    assert client.post(f"{note}/touch", headers={"If-Match": tag}).status_code == 412
    assert client.get(note).json["text"] == "a"


@pytest.mark.parametrize("tag", ['"1"', "*", '"7" , "1"', 'W/"7", "1"'])
def test_a_fresh_condition_passes(client: FlaskClient, note: str, tag: str) -> None:
    answer = client.patch(note, json={"text": "b"}, headers={"If-Match": tag})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')


def test_a_condition_may_be_left_out_where_it_is_not_required(client: FlaskClient, note: str) -> None:
    assert client.post(f"{note}/touch").json["version"] == 2


def test_what_is_known_is_not_sent_again(client: FlaskClient, note: str) -> None:
    for tag in ('"1"', 'W/"1"', '"0", "1"', "*"):
        answer = client.get(note, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", '"1"')
    assert client.get(note, headers={"If-None-Match": '"2"'}).status_code == 200
