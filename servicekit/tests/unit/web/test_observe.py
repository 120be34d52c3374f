"""Request ids, traces, metrics and the log."""

import json
import logging

import pytest
from flask.testing import FlaskClient

from servicekit.process.logs import JsonFormatter

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_ids_are_carried_and_made_when_absent_or_unfit(client: FlaskClient) -> None:
    answer = client.get("/notes", headers={"X-Request-Id": "abc-1", "traceparent": TRACE})
    assert (answer.headers["X-Request-Id"], answer.headers["traceparent"]) == ("abc-1", TRACE)
    for unfit in ("", "a b", "x" * 129):
        answer = client.get("/notes", headers={"X-Request-Id": unfit, "traceparent": "nonsense"})
        assert answer.headers["X-Request-Id"] not in ("", unfit)
        assert "traceparent" not in answer.headers


def test_metrics_count_by_route_and_never_by_path(client: FlaskClient) -> None:
    for _ in range(3):
        client.get("/notes/some-id")
    client.get("/nowhere/at/all")
    text = client.get("/metrics").text
    assert 'notes_requests_total{method="GET",route="/notes/<ident>",status="404"} 3.0' in text
    assert 'route="none",status="404"} 1.0' in text
    assert "some-id" not in text
    assert "nowhere" not in text
    assert "notes_requests_in_flight 1.0" in text


def test_each_request_is_one_line_of_json(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "notes.access"):
        client.get("/notes", headers={"traceparent": TRACE, "User-Agent": 'evil"\u2028'})
        client.get("/healthz")
    (record,) = [record for record in caplog.records if record.name == "notes.access"]
    line = JsonFormatter().format(record)
    fields = json.loads(line)
    assert "\n" not in line
    assert "\u2028" not in line
    assert (fields["method"], fields["path"], fields["status"]) == ("GET", "/notes", 200)
    assert fields["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert fields["duration_ms"] > 0
