"""The feed over HTTP, on both engines."""

import gzip
import json
import threading
from typing import Any

import pytest
from flask.testing import FlaskClient

from accounts.bootstrap.wiring import Services
from accounts_harness.making import make_client, make_key


def snapshot(gateway: FlaskClient) -> list[dict[str, Any]]:
    answer = gateway.get("/internal/v1/snapshot", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    return [json.loads(line) for line in gzip.decompress(answer.data).splitlines()]


def test_a_snapshot_comes_once(gateway: FlaskClient, services: Services) -> None:
    make_client(services)
    head, *found = snapshot(gateway)
    assert len(found) == head["records"] == 2
    plain = gateway.get("/internal/v1/snapshot")
    assert plain.content_type == "application/x-ndjson"
    assert [json.loads(line) for line in plain.data.splitlines()] == [head, *found]
    etag = f'"{head["epoch"]}.{head["seq"]}"'
    assert plain.headers["ETag"] == etag
    assert gateway.get("/internal/v1/snapshot", headers={"If-None-Match": etag}).status_code == 304
    make_client(services, "b")
    assert gateway.get("/internal/v1/snapshot", headers={"If-None-Match": etag}).status_code == 200


def test_changes_are_given_at_once_or_when_they_come(gateway: FlaskClient, services: Services) -> None:
    head = snapshot(gateway)[0]
    epoch, seq = head["epoch"], head["seq"]
    path = f"/internal/v1/changes?epoch={epoch}&after={seq}"
    assert gateway.get(f"{path}&wait=0").json == {"epoch": epoch, "seq": seq, "changes": []}
    writer = threading.Timer(0.2, make_client, (services,))
    writer.start()
    answer = gateway.get(f"{path}&wait=25").json
    writer.join()
    assert (answer["seq"], [change["seq"] for change in answer["changes"]]) == (seq + 1, [seq + 1])
    assert answer["changes"][0]["record"]["name"] == "Acme"


def test_a_feed_that_does_not_go_on(gateway: FlaskClient) -> None:
    head = snapshot(gateway)[0]
    for epoch, after in (("other", head["seq"]), (head["epoch"], head["seq"] + 1)):
        answer = gateway.get(f"/internal/v1/changes?epoch={epoch}&after={after}&wait=2")
        assert (answer.status_code, answer.json["code"]) == (409, "epoch_changed")


@pytest.mark.parametrize("query", ["", "epoch=a", "epoch=a&after=-1", "epoch=a&after=0&wait=26", "epoch=a&after=0&x=1"])
def test_a_bad_question_says_which_parameter(gateway: FlaskClient, query: str) -> None:
    answer = gateway.get(f"/internal/v1/changes?{query}")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_query")
    assert answer.json["errors"][0]["parameter"] in ("epoch", "after", "wait", "x")


def test_a_gateway_asks_for_one(gateway: FlaskClient, services: Services) -> None:
    client = make_client(services)
    key = make_key(services, client).key
    for asked in ({"key": key.id}, {"client": client.id}):
        answer = gateway.post("/internal/v1/ask", json=asked)
        assert answer.json["record"]["id"] == client.id
        assert answer.json["seq"] == snapshot(gateway)[0]["seq"]
    assert gateway.post("/internal/v1/ask", json={"client": "cl_" + "0" * 18}).json["code"] == "unknown"
    for wrong in ({}, {"key": "x"}, {"key": key.id, "client": client.id}, {"key": 1}, []):
        assert gateway.post("/internal/v1/ask", json=wrong).status_code == 422


def test_a_gateway_tells_of_use(gateway: FlaskClient, services: Services) -> None:
    client = make_client(services)
    key = make_key(services, client).key
    assert gateway.post("/internal/v1/used", json={"keys": {key.id: 1_700_000_000}}).status_code == 204
    assert services.store.read(lambda tx: tx.keys.of_client(client.id))[0].last_used_at == 1_700_000_000
    for wrong in ({"keys": {"x": 1}}, {"keys": {key.id: -1}}, {"keys": {key.id: "1"}}, {"keys": []}):
        assert gateway.post("/internal/v1/used", json=wrong).status_code == 422
