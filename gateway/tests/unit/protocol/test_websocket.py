"""Handshakes told from other requests, and the ends of frames found, however the network cuts them."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Close, Frame, Opcode

from gateway_harness.heads import make_head
from moongate.core.message import RequestHead, ResponseHead
from moongate.protocol.websocket import GOING_AWAY, FrameBoundaries, accept_of, close_frame, is_accepted, is_handshake

KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 section 1.3, and its answer
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def handshake(method: str = "GET", *lines: str, key: str | None = KEY) -> RequestHead:
    own = () if key is None else (f"Sec-WebSocket-Key: {key}",)
    return make_head(method, "/chat", *own, *lines)


def test_the_answer_of_the_rfc() -> None:
    assert accept_of(KEY.encode()) == ACCEPT.encode()


@pytest.mark.parametrize(
    ("key", "is_one"),
    [
        (KEY, True),
        (None, False),
        ("", False),
        ("dGhlIHNhbXBsZSBub25jZQ", False),  # no padding
        ("dGhlIHNhbXBsZSBub25j", False),  # 15 octets
        ("dGhlIHNhbXBsZSBub25jZWU=", False),  # 17
        ("dGhlIHNhbXBsZSBub25jZ!==", False),
        ("dGhlIHNhbXBs ZSBub25jZQ==", False),
        ("dGhlIHNhbXBsZSBub25jZQ==\u00e4", False),
    ],
)
def test_the_key_is_sixteen_octets_in_base64(key: str | None, is_one: bool) -> None:
    assert is_handshake(handshake(key=key)) is is_one


@pytest.mark.parametrize("method", ["POST", "HEAD", "CONNECT", "get"])
def test_only_get_is_a_handshake(method: str) -> None:
    assert not is_handshake(handshake(method))


def test_a_handshake_has_no_body() -> None:
    head = handshake()
    head.section.has_body = True
    assert not is_handshake(head)


@pytest.mark.parametrize("twice", [f"sec-websocket-key: {KEY}", "sec-websocket-version: 8"])
def test_what_is_said_twice_is_no_handshake(twice: str) -> None:
    """The service might read the other one."""
    assert not is_handshake(handshake("GET", "Sec-WebSocket-Version: 13", twice))


def answer(*lines: str, upgrade: bytes = b"websocket") -> ResponseHead:
    head = ResponseHead(101, b"Switching Protocols", 1)
    head.upgrade = upgrade
    head.lines = b"".join(line.encode() + b"\r\n" for line in lines)
    return head


@pytest.mark.parametrize(
    ("response", "is_right"),
    [
        (answer(f"Sec-WebSocket-Accept: {ACCEPT}"), True),
        (answer(f"sec-websocket-accept:{ACCEPT}", upgrade=b"WebSocket"), True),
        (answer(f"Sec-WebSocket-Accept: {ACCEPT}", f"Sec-WebSocket-Accept: {ACCEPT}"), False),
        (answer(), False),
        (answer("Sec-WebSocket-Accept: "), False),
        (answer(f"Sec-WebSocket-Accept: {ACCEPT.lower()}"), False),
        (answer(f"Sec-WebSocket-Accept: {accept_of(b'another key').decode()}"), False),
        (answer(f"Sec-WebSocket-Accept: {ACCEPT}", upgrade=b"h2c"), False),
        (answer(f"Sec-WebSocket-Accept: {ACCEPT}", upgrade=b""), False),
    ],
)
def test_a_101_must_answer_this_very_handshake(response: ResponseHead, is_right: bool) -> None:
    assert is_accepted(handshake(), response) is is_right


@pytest.mark.parametrize("is_masked", [True, False])
def test_the_goodbye_is_a_close_frame_1001_of_its_side(is_masked: bool) -> None:
    data = close_frame(GOING_AWAY, is_masked=is_masked)
    assert bool(data[1] & 0x80) is is_masked
    payload = data[-2:] if not is_masked else bytes(data[6 + i] ^ data[2 + i] for i in range(2))
    assert data[0] == 0x80 | Opcode.CLOSE
    assert Close.parse(payload).code == 1001


def frame_of(size: int, is_masked: bool, opcode: Opcode = Opcode.BINARY) -> bytes:
    """A frame as another implementation writes it."""
    return Frame(opcode, random.Random(size).randbytes(size)).serialize(mask=is_masked)


@pytest.mark.parametrize("is_masked", [True, False])
@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 100_000])
def test_a_frame_ends_where_another_reader_ends_it(size: int, is_masked: bool) -> None:
    frame = frame_of(size, is_masked)
    boundaries = FrameBoundaries()
    boundaries.feed(frame[:-1])
    assert not boundaries.is_between_frames
    boundaries.feed(frame[-1:])
    assert boundaries.is_between_frames
    boundaries.feed(frame + frame)
    assert boundaries.is_between_frames


@pytest.mark.parametrize("is_masked", [True, False])
@pytest.mark.parametrize("size", [0, 5, 126, 300])
def test_wherever_it_is_cut(size: int, is_masked: bool) -> None:
    frame = frame_of(size, is_masked)
    for place in range(1, len(frame)):
        boundaries = FrameBoundaries()
        boundaries.feed(frame[:place])
        assert not boundaries.is_between_frames
        boundaries.feed(frame[place:] + frame[:1])
        assert not boundaries.is_between_frames
        boundaries.feed(frame[1:])
        assert boundaries.is_between_frames


@given(
    st.lists(st.tuples(st.sampled_from([0, 1, 125, 126, 1000, 65535, 65536]), st.booleans()), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_many_frames_in_many_pieces(frames: list[tuple[int, bool]], chance: random.Random) -> None:
    """After each piece, it is between two frames exactly where a frame had just ended."""
    data = b"".join(frame_of(*frame) for frame in frames)
    ends, position = {0}, 0
    for frame in frames:
        position += len(frame_of(*frame))
        ends.add(position)
    boundaries, position = FrameBoundaries(), 0
    while position < len(data):
        step = chance.choice([1, 2, 3, 7, 100, 4096, 70_000])
        boundaries.feed(data[position : position + step])
        position = min(position + step, len(data))
        assert boundaries.is_between_frames == (position in ends)


@pytest.mark.parametrize("is_masked", [True, False])
def test_a_flood_of_empty_frames_costs_little(is_masked: bool) -> None:
    """They are the smallest thing to send, and each is a frame to follow."""
    boundaries, frames = FrameBoundaries(), frame_of(0, is_masked) * 10_000
    started = time.process_time()
    for _ in range(10):
        boundaries.feed(frames)
    assert time.process_time() - started < 0.1, "more than 1 us a frame"
    assert boundaries.is_between_frames


def test_a_length_that_lies_keeps_the_goodbye_waiting_and_costs_no_memory() -> None:
    boundaries = FrameBoundaries()
    boundaries.feed(b"\x82\x7f" + b"\xff" * 8)
    for _ in range(100):
        boundaries.feed(bytes(100_000))
    assert not boundaries.is_between_frames
    assert boundaries._header == b""
