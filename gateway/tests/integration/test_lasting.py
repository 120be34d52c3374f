"""What is open ends when its client loses the right to it: WebSockets and streams of events, by whatever is changed."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed

from gateway_harness.accounts_feed import AccountsFeed, Exchange
from gateway_harness.gateway_process import GatewayProcess, running_gateway
from gateway_harness.origin import OriginConnection, ScriptedOrigin
from gateway_harness.polling import eventually
from gateway_harness.replicas import TOKEN, api_key, client_record, key_record, public_id
from gateway_harness.websocket_peers import connected, echo, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from websockets.sync.client import ClientConnection

    from gateway_harness.raw_client import RawClient

ONE, OTHER = 1, 2
GRANTS = {"grants": [{"resource": "things/**", "actions": ["*"]}]}
CHANGES: dict[str, tuple[Callable[[AccountsFeed], object], str]] = {
    "the key is revoked": (
        lambda feed: feed.client(client_record(ONE, keys=[key_record(public_id(ONE), revoked_at=1)], **GRANTS)),
        "key_refused",
    ),
    "the client is suspended": (
        lambda feed: feed.client(client_record(ONE, status="suspended", **GRANTS)),
        "key_refused",
    ),
    "the client is removed": (lambda feed: feed.put("client", f"c{ONE}", None), "key_unknown"),
    "the grant is removed": (lambda feed: feed.client(client_record(ONE)), "no_grant"),
}


def stream(connection: OriginConnection) -> None:
    connection.read_request()
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: 1\n\n")
    connection.wait_gone()


def config(accounts: str, chat: int, events: str, directory: Path) -> str:
    (directory / "token").write_text(TOKEN)
    (directory / "token").chmod(0o600)
    guarded = "resource: 'things/{id}', filters: [authenticate, authorize]"
    return (
        f"accounts: {{url: '{accounts}', token: '${{file:token}}', replica: {directory}/var/replica.sqlite}}\n"
        f"services: {{chat: {{targets: ['http://127.0.0.1:{chat}']}}, events: {{targets: ['{events}']}}}}\n"
        "routes:\n"
        f"  - {{name: chat, match: {{path: '/chat/{{id}}'}}, service: chat, upgrade: websocket, {guarded}}}\n"
        f"  - {{name: events, match: {{path: '/events/{{id}}'}}, service: events, {guarded}}}\n"
    )


@contextmanager
def gateway_for(feed: AccountsFeed, directory: Path) -> Iterator[GatewayProcess]:
    for number in (ONE, OTHER):
        feed.client(client_record(number, **GRANTS))
    with (
        serving(echo) as chat,
        ScriptedOrigin(stream) as events,
        running_gateway(directory, config(feed.url, chat, events.url, directory), workers=2) as gateway,
    ):
        with gateway.connect() as client:
            eventually(lambda: client.request("GET", "/chat/a", field(ONE)).status == 426, "the replica is there")
        yield gateway


def field(number: int) -> str:
    return f"X-API-Key: {api_key(public_id(number)).decode()}"


def refused(gateway: GatewayProcess, reason: str) -> list[tuple[str, int]]:
    """Client and status of what ended for this reason."""
    return sorted((line["client"], line["status"]) for line in gateway.log_lines() if line["reason"] == reason)


class Open:
    """A WebSocket and a stream of events of one client."""

    def __init__(self, gateway: GatewayProcess, number: int, stack: ExitStack) -> None:
        name, _, key = field(number).partition(": ")
        more: dict[str, Any] = {name.replace("-", "_"): key}
        self.socket: ClientConnection = stack.enter_context(connected(gateway.port, "/chat/a", **more))
        self.events: RawClient = stack.enter_context(gateway.connect())
        self.events.send_request("GET", "/events/a", field(number))
        self._read_event()

    def _read_event(self) -> None:
        came = b""
        while not came.endswith(b"data: 1\n\n\r\n"):  # a chunk
            came += self.events.read_exactly(1)

    def goes_on(self) -> bool:
        self.socket.send("here")
        return self.socket.recv(15) == "here"


@pytest.mark.parametrize("what", CHANGES)
def test_a_client_that_loses_its_right_loses_what_is_open(tmp_path: Path, what: str) -> None:
    change, reason = CHANGES[what]
    with AccountsFeed() as feed, gateway_for(feed, tmp_path) as gateway, ExitStack() as stack:
        mine = [Open(gateway, ONE, stack) for _ in range(4)]
        others = [Open(gateway, OTHER, stack) for _ in range(4)]
        assert all(each.goes_on() for each in (*mine, *others))
        change(feed)
        for each in mine:
            with pytest.raises(ConnectionClosed) as closed:
                each.socket.recv(15)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1008
            each.events.wait_closed()  # without a last chunk: the stream was cut off, and must not look whole
        assert all(each.goes_on() for each in others)
        ended = [(f"c{ONE}", status) for status in (101, 200) for _ in mine]
        eventually(lambda: refused(gateway, reason) == sorted(ended), "the log says why")


def test_what_is_open_outlives_another_change_and_the_silence_of_accounts(tmp_path: Path) -> None:
    with AccountsFeed() as feed, gateway_for(feed, tmp_path) as gateway, ExitStack() as stack:
        one = Open(gateway, ONE, stack)
        feed.client(client_record(ONE, name="Another name", **GRANTS))
        feed.client(client_record(3))
        with gateway.connect() as client:
            eventually(lambda: client.request("GET", "/chat/a", field(3)).status == 403, "the changes are heard")
        feed.faults["changes"] = feed.faults["ask"] = Exchange.hang
        assert one.goes_on()
