"""Octets both ways after a 101: passed untouched, held back, counted, and ended in good order."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

import pytest
from websockets.frames import Close, Frame, Opcode

from gateway_harness.sides import NotingDownstream, NotingUpstream
from gateway_harness.ticking import Ticking
from moongate.core import limits
from moongate.core.errors import CREDENTIALS_INVALID, UPSTREAM_PROTOCOL_ERROR, MessageRefused
from moongate.filters import Refusal
from moongate.protocol.websocket import FrameBoundaries
from moongate.proxy.tunnel import Tunnel

if TYPE_CHECKING:
    from moongate.proxy.exchange import ProxyExchange

TEXT_FROM_CLIENT = Frame(Opcode.TEXT, b"hello").serialize(mask=True)
TEXT_FROM_SERVICE = Frame(Opcode.TEXT, b"hello").serialize(mask=False)


class Ended:
    """The part of an exchange that its tunnel knows."""

    def __init__(self) -> None:
        self.bytes_in = 0
        self.bytes_out = 0
        self.reasons: list[str] = []
        self.code = ""

    def tunnel_ended(self, reason: str) -> None:
        self.reasons.append(reason)


class Opened:
    """A tunnel between two sides that are played by hand."""

    def __init__(self) -> None:
        self.time = Ticking()
        self.exchange = Ended()
        self.client, self.service = NotingDownstream(), NotingUpstream()
        self.tunnel = Tunnel(cast("ProxyExchange", self.exchange), self.client, self.service, self.time.wheel)
        self.tunnel.open()

    @property
    def is_over(self) -> bool:
        assert len(self.exchange.reasons) <= 1, "ended twice"
        assert self.service.calls.count("finish") == len(self.exchange.reasons)
        return bool(self.exchange.reasons)


@pytest.fixture
def opened() -> Opened:
    return Opened()


def test_both_connections_are_taken_over(opened: Opened) -> None:
    assert opened.client.exchange is opened.tunnel
    assert opened.service.exchange is opened.tunnel
    assert opened.client.calls == ["open_tunnel"]


def test_octets_pass_untouched_and_are_counted(opened: Opened) -> None:
    up, down = os.urandom(1000), os.urandom(70_000)
    for piece in (up[:1], up[1:500], up[500:]):
        opened.tunnel.request_body(piece)
    opened.tunnel.response_body(down)
    assert (opened.service.sent, opened.client.sent) == (up, down)
    assert (opened.exchange.bytes_in, opened.exchange.bytes_out) == (1000, 70_000)


def test_each_side_holds_the_other_back(opened: Opened) -> None:
    opened.tunnel.pause_request()
    assert opened.client.is_paused
    opened.tunnel.resume_request()
    assert not opened.client.is_paused
    opened.tunnel.pause_response()
    opened.tunnel.resume_response()
    assert opened.service.calls[-2:] == ["pause", "resume"]


def test_silence_of_both_sides_ends_it(opened: Opened) -> None:
    opened.time.let_pass(limits.TUNNEL_IDLE_SECONDS - 1)
    assert not opened.is_over
    opened.time.let_pass(2)
    assert opened.exchange.reasons == ["tunnel_idle"]
    assert opened.is_over


@pytest.mark.parametrize("side", ["request_body", "response_body"])
def test_an_octet_of_either_side_keeps_it(opened: Opened, side: str) -> None:
    for _ in range(30):
        opened.time.let_pass(limits.TUNNEL_IDLE_SECONDS - 1)
        getattr(opened.tunnel, side)(b"\x89\x00")
    assert not opened.is_over
    opened.time.let_pass(limits.TUNNEL_IDLE_SECONDS + 1)
    assert opened.is_over


def test_the_client_that_goes_ends_it_once(opened: Opened) -> None:
    opened.tunnel.client_gone()
    opened.tunnel.response_end([])
    opened.tunnel.upstream_lost(UPSTREAM_PROTOCOL_ERROR, "upstream_closed_early", is_silent=False)
    opened.time.let_pass(limits.TUNNEL_IDLE_SECONDS + 1)
    assert opened.exchange.reasons == [""]
    assert opened.is_over


def test_the_service_that_ends_ends_it(opened: Opened) -> None:
    opened.tunnel.response_end([])
    assert opened.exchange.reasons == [""]
    assert opened.is_over


def test_the_service_that_breaks_ends_it_and_the_log_knows(opened: Opened) -> None:
    opened.tunnel.upstream_lost(UPSTREAM_PROTOCOL_ERROR, "upstream_closed_early", is_silent=False)
    assert opened.exchange.reasons == ["upstream_closed_early"]


def test_what_is_read_while_it_ends_goes_nowhere(opened: Opened) -> None:
    opened.tunnel.response_end([])
    opened.tunnel.request_body(TEXT_FROM_CLIENT)
    opened.tunnel.request_refused(MessageRefused(UPSTREAM_PROTOCOL_ERROR, "late"))
    assert opened.service.sent == b""
    assert opened.exchange.bytes_in == 0
    assert opened.is_over


def close_code(data: bytes) -> int:
    """The status of the one close frame in ``data``."""
    assert data[0] == 0x80 | Opcode.CLOSE
    is_masked = bool(data[1] & 0x80)
    assert data[1] & 0x7F == 2
    mask, payload = (data[2:6], data[6:]) if is_masked else (bytes(4), data[2:])
    return Close.parse(bytes(octet ^ mask[i % 4] for i, octet in enumerate(payload))).code


def test_a_drain_says_goodbye_to_both(opened: Opened) -> None:
    opened.tunnel.request_body(TEXT_FROM_CLIENT)
    opened.tunnel.response_body(TEXT_FROM_SERVICE)
    opened.tunnel.drain()
    to_service = opened.service.sent[len(TEXT_FROM_CLIENT) :]
    to_client = opened.client.sent[len(TEXT_FROM_SERVICE) :]
    assert (close_code(to_service), close_code(to_client)) == (1001, 1001)
    assert to_service[1] & 0x80, "what goes to a server is masked"
    assert not to_client[1] & 0x80, "what goes to a client is not"
    assert not opened.is_over, "they have a moment to answer"


def test_a_goodbye_waits_for_the_end_of_the_frame_that_is_under_way(opened: Opened) -> None:
    opened.tunnel.request_body(TEXT_FROM_CLIENT[:3])
    opened.tunnel.response_body(TEXT_FROM_SERVICE[:-1])
    opened.tunnel.drain()
    assert opened.service.sent == TEXT_FROM_CLIENT[:3]
    assert opened.client.sent == TEXT_FROM_SERVICE[:-1]
    opened.tunnel.request_body(TEXT_FROM_CLIENT[3:])
    assert close_code(opened.service.sent[len(TEXT_FROM_CLIENT) :]) == 1001
    assert opened.client.sent == TEXT_FROM_SERVICE[:-1]
    opened.tunnel.response_body(TEXT_FROM_SERVICE[-1:])
    assert close_code(opened.client.sent[len(TEXT_FROM_SERVICE) :]) == 1001


@pytest.mark.parametrize("place", range(1, len(TEXT_FROM_SERVICE)))
def test_never_within_a_frame_wherever_it_stands(opened: Opened, place: int) -> None:
    """A piece that ends one frame and begins the next leaves no room between them for a goodbye."""
    opened.tunnel.drain()
    goodbye = len(opened.client.sent)
    opened = Opened()
    opened.tunnel.response_body(TEXT_FROM_SERVICE[:place])
    opened.tunnel.drain()
    opened.tunnel.response_body(TEXT_FROM_SERVICE[place:] + TEXT_FROM_SERVICE[:place])
    assert opened.client.sent == TEXT_FROM_SERVICE + TEXT_FROM_SERVICE[:place]
    opened.tunnel.response_body(TEXT_FROM_SERVICE[place:])
    assert len(opened.client.sent) == 2 * len(TEXT_FROM_SERVICE) + goodbye
    boundaries = FrameBoundaries()
    boundaries.feed(opened.client.sent)
    assert boundaries.is_between_frames


def test_after_the_goodbye_an_answer_ends_it(opened: Opened) -> None:
    opened.tunnel.drain()
    opened.tunnel.request_body(Frame(Opcode.CLOSE, b"\x03\xe9").serialize(mask=True))
    opened.tunnel.client_gone()
    assert opened.exchange.reasons == [""]


def test_a_peer_that_does_not_answer_the_goodbye_has_three_seconds(opened: Opened) -> None:
    opened.tunnel.drain()
    for _ in range(2):
        opened.time.let_pass(1)
        opened.tunnel.response_body(TEXT_FROM_SERVICE)  # however much it still says
    assert not opened.is_over
    opened.time.let_pass(2)
    assert opened.exchange.reasons == ["drained"]


def test_each_side_is_told_goodbye_once(opened: Opened) -> None:
    opened.tunnel.drain()
    sent = opened.client.sent, opened.service.sent
    opened.tunnel.request_body(TEXT_FROM_CLIENT)
    opened.tunnel.response_body(TEXT_FROM_SERVICE)
    assert (opened.client.sent, opened.service.sent) == (sent[0] + TEXT_FROM_SERVICE, sent[1] + TEXT_FROM_CLIENT)


@pytest.mark.parametrize(("passed", "is_told"), [(TEXT_FROM_SERVICE, True), (TEXT_FROM_SERVICE[:-1], False)])
def test_a_client_that_lost_its_right_is_cut_off_and_told_where_it_can_be(
    opened: Opened, passed: bytes, is_told: bool
) -> None:
    opened.tunnel.response_body(passed)
    opened.tunnel.refuse(Refusal(CREDENTIALS_INVALID, "key_refused"))
    told = Frame(Opcode.CLOSE, Close(1008, "").serialize()).serialize(mask=False)
    assert opened.client.sent == passed + told * is_told
    assert opened.is_over
    assert (opened.exchange.code, opened.exchange.reasons) == ("credentials_invalid", ["key_refused"])
    opened.tunnel.refuse(Refusal(CREDENTIALS_INVALID, "key_refused"))
    assert opened.is_over


def test_one_that_is_leaving_is_not_told_twice(opened: Opened) -> None:
    opened.tunnel.drain()
    sent = opened.client.sent
    opened.tunnel.refuse(Refusal(CREDENTIALS_INVALID, "key_refused"))
    assert opened.client.sent == sent
    assert opened.is_over
