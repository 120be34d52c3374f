"""An authorizer behind a running gateway: what it lets through, what it is told, and what becomes of its failures."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from gateway_harness.gateway_process import GatewayProcess, running_gateway
from gateway_harness.origin import OriginConnection, ScriptedOrigin, bound_socket, says, telling
from gateway_harness.polling import eventually
from gateway_harness.websocket_peers import echo, serving
from moongate.core import limits

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = "path: /verify, response_headers: [X-Auth-User], client: X-Auth-User"
LOGIN = b"<p>sign in"


def config(service: str, authorizer: str, settings: str = SETTINGS) -> str:
    return (
        f"services: {{origin: {{targets: ['{service}']}}, authz: {{targets: ['{authorizer}']}}}}\n"
        "routes:\n"
        "  - {name: open, match: {path: /open}, service: origin}\n"
        "  - {name: all, match: {path: /**}, service: origin, "
        f"filters: [{{forward_auth: {{service: authz, {settings}}}}}]}}\n"
    )


def judging(connection: OriginConnection) -> None:
    """An authorizer that goes by a cookie and the path."""
    while True:
        request = connection.read_request()
        assert request.value("Content-Length") is None
        cookie = request.value("Cookie")
        if cookie is None:
            connection.answer(302, LOGIN, "Location: https://id.test/", "Set-Cookie: state=1", "X-Auth-User: nobody")
        elif request.value("X-Forwarded-Uri") == "/admin":
            connection.answer(403, b"not you", "WWW-Authenticate: Cookie")
        else:
            connection.answer(200, b"welcome", f"X-Auth-User: {cookie}")


def hangs(connection: OriginConnection) -> None:
    connection.read_request()
    connection.wait_gone()


def refuses_to_guess(gateway: GatewayProcess, origin: ScriptedOrigin, reason: str = "") -> None:
    with gateway.connect() as client:
        answer = client.request("POST", "/x", "Cookie: ada", body=b"hello")
        assert (answer.status, answer.code) == (503, "dependency_unavailable")
        assert answer.value("Retry-After") == "1"
        assert client.request("GET", "/open").status == 200, "the connection goes on"
    assert [request.target for request in origin.requests] == ["/open"]
    line = gateway.wait_log(lambda line: line["status"] == 503, "the refusal")
    assert line["reason"].startswith("forward_auth_" + reason)


@pytest.mark.parametrize("workers", [0, 2])
def test_it_decides(tmp_path: Path, workers: int) -> None:
    with (
        ScriptedOrigin(telling) as origin,
        ScriptedOrigin(judging) as authorizer,
        running_gateway(tmp_path, config(origin.url, authorizer.url), workers=workers) as gateway,
        gateway.connect() as client,
    ):
        login = client.request("GET", "/x", "X-Auth-User: root")
        assert (login.status, login.body, login.value("Location")) == (302, LOGIN, "https://id.test/")
        assert (login.value("Set-Cookie"), login.value("X-Auth-User")) == ("state=1", None)
        refused = client.request("GET", "/admin", "Cookie: ada", "X-Forwarded-Uri: /x", "X-Original-Uri: /x")
        assert (refused.status, refused.body, refused.value("WWW-Authenticate")) == (403, b"not you", "Cookie")
        head = client.request("HEAD", "/admin", "Cookie: ada")
        assert (head.status, head.body) == (403, b"")
        assert origin.requests == []
        answer = client.request(
            "POST",
            "/x?a=b",
            "Cookie: ada",
            "X-Auth-User: root",
            "X-Client-Id: root",
            "X-Forwarded-User: root",
            "X-Original-URL: /other",
            body=b"x" * 200_000,
        )
        assert (answer.status, answer.body[-200_000:]) == (200, b"x" * 200_000)
        (request,) = origin.requests
        assert (request.values("X-Auth-User"), request.values("X-Client-Id")) == (["ada"], ["ada"])
        assert (request.values("X-Forwarded-User"), request.values("X-Original-URL")) == ([], [])
        told = authorizer.requests[-1]
        assert told.request_line == b"GET /verify HTTP/1.1"
        assert {name: told.value(f"X-Forwarded-{name}") for name in ("Method", "Proto", "Host", "Uri", "For")} == {
            "Method": "POST",
            "Proto": "http",
            "Host": "any.test",
            "Uri": "/x?a=b",
            "For": "127.0.0.1",
        }
        assert told.value("X-Request-Id") == answer.value("X-Request-Id")
    lines = {line["status"]: line for line in gateway.log_lines()}
    assert (lines[200]["client"], lines[403]["client"], lines[403]["origin"]) == ("ada", None, "gateway")


def test_many_at_once_share_its_connections(tmp_path: Path) -> None:
    with (
        ScriptedOrigin(telling) as origin,
        ScriptedOrigin(judging) as authorizer,
        running_gateway(tmp_path, config(origin.url, authorizer.url)) as gateway,
    ):

        def ask(number: int) -> None:
            with gateway.connect() as client:
                for _ in range(20):
                    answer = client.request("GET", "/x", f"Cookie: c{number}", f"X-Auth-User: c{number + 1}")
                    assert f"\r\nX-Auth-User: c{number}\r\n".encode() in answer.body
                    statuses.append(answer.status)

        statuses: list[int] = []
        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert statuses == [200] * 160
        assert authorizer.connections <= 16


GARBAGE = {
    "5xx": (b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", "status_500"),
    "no HTTP": (b"what?\r\n\r\n", "bad_status_line"),
    "an injected field": (b"HTTP/1.1 200 OK\r\nX-Auth-User: a\n X-Admin: 1\r\nContent-Length: 0\r\n\r\n", ""),
    "a closed connection": (b"", "upstream_closed"),
    "half an answer": (b"HTTP/1.1 200 OK\r\nX-Auth-User: ada\r\nContent-Length: 100\r\n\r\nhalf", "upstream_closed"),
    "ambiguous framing": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "cl_te",
    ),
    "no name": (b"HTTP/1.1 200 OK\r\nX-Auth-User: \xff\t\r\nContent-Length: 0\r\n\r\n", "bad_client"),
    "50 MB": (b"HTTP/1.1 401 No\r\nConnection: close\r\n\r\n" + b"x" * 50_000_000, "answer_too_large"),
}


@pytest.mark.parametrize(("data", "reason"), GARBAGE.values(), ids=GARBAGE)
def test_what_is_no_answer_lets_nobody_through(tmp_path: Path, data: bytes, reason: str) -> None:
    with (
        ScriptedOrigin() as origin,
        ScriptedOrigin(says(data)) as authorizer,
        running_gateway(tmp_path, config(origin.url, authorizer.url)) as gateway,
    ):
        refuses_to_guess(gateway, origin, reason)
        assert gateway.resident_bytes() < 100_000_000


def test_one_that_hangs_is_waited_for_so_long(tmp_path: Path) -> None:
    with (
        ScriptedOrigin() as origin,
        ScriptedOrigin(hangs) as authorizer,
        running_gateway(tmp_path, config(origin.url, authorizer.url, SETTINGS + ", timeout: 100ms")) as gateway,
    ):
        refuses_to_guess(gateway, origin, "timeout")
        assert authorizer.connections == 1


def test_one_that_hangs_holds_up_nobody_else(tmp_path: Path) -> None:
    """More clients than there may be connections to it wait, and each is told in time."""
    with (
        ScriptedOrigin() as origin,
        ScriptedOrigin(hangs) as authorizer,
        running_gateway(tmp_path, config(origin.url, authorizer.url, SETTINGS + ", timeout: 2s")) as gateway,
        contextlib.ExitStack() as stack,
    ):
        waiting = [stack.enter_context(gateway.connect()) for _ in range(limits.POOL_TOTAL + 50)]
        for client in waiting:
            client.send_request("GET", "/x")
        authorizer.wait_requests(1)
        with gateway.connect() as client:
            for _ in range(10):
                assert client.request("GET", "/open").status == 200
        assert {client.read_response().status for client in waiting} == {503}
        eventually(lambda: gateway.sockets_to(authorizer.port) == 0, "the end of all questions")
        assert {request.target for request in origin.requests} == {"/open"}


def test_a_websocket_is_asked_about_once(tmp_path: Path) -> None:
    with serving(echo) as port, ScriptedOrigin(judging) as authorizer:
        text = config(f"http://127.0.0.1:{port}", authorizer.url).replace(
            "{path: /**}", "{path: /**}, upgrade: websocket"
        )
        with running_gateway(tmp_path, text) as gateway:
            url, cookie = f"ws://127.0.0.1:{gateway.port}", {"Cookie": "ada"}
            with pytest.raises(InvalidStatus) as refused:
                connect(f"{url}/admin", additional_headers=cookie, proxy=None)
            assert refused.value.response.status_code == 403
            with connect(f"{url}/chat", additional_headers=cookie, proxy=None) as socket:
                for word in ("hello", "again"):
                    socket.send(word)
                    assert socket.recv() == word
        assert len(authorizer.requests) == 2
        assert authorizer.requests[1].value("Upgrade") is None


def test_one_that_is_away_and_comes_back(tmp_path: Path) -> None:
    sock = bound_socket()
    url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    with ScriptedOrigin(telling) as origin, running_gateway(tmp_path, config(origin.url, url)) as gateway:
        refuses_to_guess(gateway, origin, "connect_")
        with ScriptedOrigin(judging, sock=sock), gateway.connect() as client:
            assert client.request("GET", "/x", "Cookie: ada").status == 200


def test_a_client_that_leaves_is_not_asked_about(tmp_path: Path) -> None:
    let_go = threading.Event()

    def waits(connection: OriginConnection) -> None:
        connection.read_request()
        connection.wait_gone()
        let_go.set()

    settings = SETTINGS + ", timeout: 60s"
    with (
        ScriptedOrigin() as origin,
        ScriptedOrigin(waits) as authorizer,
        running_gateway(tmp_path, config(origin.url, authorizer.url, settings)) as gateway,
    ):
        with gateway.connect() as client:
            client.send(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
            authorizer.wait_requests(1)
        eventually(let_go.is_set, "the end of the question")
        gateway.wait_log(lambda line: line["status"] == 499, "the client that left")
        assert origin.requests == []


def test_what_it_said_is_kept_where_asked_for(tmp_path: Path) -> None:
    settings = SETTINGS + ", request_headers: [Cookie], cache: 60s"
    with (
        ScriptedOrigin(telling) as origin,
        ScriptedOrigin(judging) as authorizer,
        running_gateway(tmp_path, config(origin.url, authorizer.url, settings)) as gateway,
        gateway.connect() as client,
    ):
        for number in range(3):
            answer = client.request("GET", "/x", "Cookie: ada", f"X-Other: {number}", "X-Auth-User: root")
            assert answer.status == 200
            assert b"\r\nX-Auth-User: ada\r\n" in answer.body
            assert b"root" not in answer.body
        assert len(authorizer.requests) == 1
        assert client.request("GET", "/admin", "Cookie: ada").status == 403
        assert client.request("GET", "/admin", "Cookie: ada").status == 403
        assert len(authorizer.requests) == 3


def test_a_reload_changes_who_decides(tmp_path: Path) -> None:
    with (
        ScriptedOrigin() as origin,
        ScriptedOrigin(judging) as authorizer,
        running_gateway(tmp_path, config(origin.url, origin.url), workers=1) as gateway,
        gateway.connect() as client,
    ):
        assert client.request("GET", "/x").status == 200
        gateway.write_config(config(origin.url, authorizer.url))
        eventually(lambda: gateway.said("generation 2 is served"), "the reload")
        assert client.request("GET", "/x").status == 302
