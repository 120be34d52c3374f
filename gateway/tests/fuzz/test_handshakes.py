"""WebSocket handshakes, well and mutated: what opens a tunnel is a handshake for the `websockets` library too."""

from __future__ import annotations

from hypothesis import given
from websockets.client import ClientProtocol
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from fuzz.seeds import FUZZ, TIME, corpus, mutated
from gateway_harness.memory_gateway import MemoryGateway

pytestmark = TIME

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ASK = corpus("handshakes")[0]


def is_upgrade(sent: bytes) -> bool:
    return b"\r\nupgrade:" in sent.partition(b"\r\n\r\n")[0].lower()


def answer_to(sent: bytes) -> bytes:
    """What a service on `websockets` writes, having read ``sent``."""
    service = ServerProtocol()
    service.receive_data(sent)
    [request] = service.events_received()
    assert isinstance(request, Request), service.handshake_exc
    service.send_response(service.accept(request))
    return b"".join(service.data_to_send())


def takes(answer: bytes) -> bool:
    """Whether a client on `websockets` whose key is KEY has its connection open, having read ``answer``."""
    client = ClientProtocol(parse_uri("ws://h/chat"))
    client.key = KEY
    client.send_request(client.connect())
    client.receive_data(answer)
    return bool(client.events_received()) and client.handshake_exc is None


def test_the_corpus_has_both_kinds() -> None:
    reached = []
    for raw in corpus("handshakes"):
        gateway = MemoryGateway(route=", upgrade: websocket")
        service = gateway.service()
        gateway.client().receive(raw)
        gateway.time.loop.run_until_quiet()
        reached.append(is_upgrade(service.take_sent()))
    assert 3 <= sum(reached) < len(reached)


@given(raw=mutated(corpus("handshakes")))
@FUZZ
def test_what_reaches_a_service_as_a_handshake_is_one(raw: bytes) -> None:
    gateway = MemoryGateway(route=", upgrade: websocket")
    client, service = gateway.client(), gateway.service()
    client.receive(raw)
    gateway.time.loop.run_until_quiet()
    sent = service.take_sent()
    if is_upgrade(sent):
        answer = answer_to(sent)
        assert answer.startswith(b"HTTP/1.1 101 "), answer
        service.receive(answer)
        assert client.take_sent().startswith(b"HTTP/1.1 101 ")


@given(answer=mutated(corpus("handshake_answers")))
@FUZZ
def test_a_client_that_is_told_of_a_tunnel_has_one(answer: bytes) -> None:
    gateway = MemoryGateway(route=", upgrade: websocket")
    client, service = gateway.client(), gateway.service()
    client.receive(ASK)
    gateway.time.loop.run_until_quiet()
    assert is_upgrade(service.take_sent())
    service.receive(answer)
    told = client.take_sent()
    if told.startswith(b"HTTP/1.1 101 "):
        assert takes(told), told
    elif told:
        assert not takes(told), told
