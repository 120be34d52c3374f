"""Asking a gateway that is there, one that is not, and what is none."""

from __future__ import annotations

import socket

import pytest

from gateway_harness.origin import OriginConnection, ScriptedOrigin
from moongate.cli.admin_client import AdminFailed, admin_url, ask


@pytest.fixture
def free() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def answering(status: int, body: bytes) -> ScriptedOrigin:
    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.answer(status, body)

    return ScriptedOrigin(script)


def test_where_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOONGATE_ADMIN", raising=False)
    assert admin_url(None) == "http://127.0.0.1:9900"
    monkeypatch.setenv("MOONGATE_ADMIN", "http://127.0.0.1:1")
    assert admin_url(None) == "http://127.0.0.1:1"
    assert admin_url("http://127.0.0.1:2") == "http://127.0.0.1:2"


def test_the_token_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOONGATE_ADMIN_TOKEN", "abc")
    with answering(200, b'{"a": 1}') as origin:
        answer = ask(origin.url, "POST", "/x", {"b": 2}, holds="a")
        assert (answer.status, answer.body) == (200, {"a": 1})
        assert origin.requests[0].value("authorization") == "Bearer abc"
        assert origin.requests[0].body == b'{"b": 2}'


@pytest.mark.parametrize("token", ["canary\ncanary", "canary\u20ac"])
def test_what_is_no_token_is_not_told(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOONGATE_ADMIN_TOKEN", token)
    with pytest.raises(AdminFailed, match="MOONGATE_ADMIN_TOKEN holds is no token") as raised:
        ask("http://127.0.0.1:1", "GET", "/", holds="a")
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize(
    "url", ["127.0.0.1:9900", "ftp://a", "http://", "http://[", "http://a:x", "http://a b", "https://a"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(AdminFailed, match=r"is no admin address: write http://127\.0\.0\.1:9900"):
        ask(url, "GET", "/", holds="a")


def test_nobody_is_there(free: str) -> None:
    with pytest.raises(AdminFailed, match=r"no gateway answers at .*: Connection refused; --admin URL"):
        ask(free, "GET", "/", holds="a")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b"<html>", "no gateway answers"),
        (200, b"[]", "no admin API"),
        (200, b'{"b": 1}', "no admin API"),
        (401, b"{}", "wants its admin token"),
    ],
)
def test_what_answers_otherwise(status: int, body: bytes, said: str) -> None:
    with answering(status, body) as origin, pytest.raises(AdminFailed, match=said):
        ask(origin.url, "GET", "/", holds="a")
