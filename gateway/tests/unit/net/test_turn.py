from typing import Any, cast

from gateway_harness.fake_transport import FakeTransport
from gateway_harness.ticking import Ticking


class Silent:
    """A protocol that hears nothing."""

    def connection_made(self, transport: object) -> None: ...
    def connection_lost(self, exc: Exception | None) -> None: ...


class Broken(FakeTransport):
    def write(self, data: bytes | bytearray | memoryview) -> None:
        raise RuntimeError("unable to perform operation")


def put(time: Ticking, transport: Any, data: bytes) -> None:
    if not time.turn.pending:
        time.turn.begin()
    time.turn.pending.append((transport, data))


def test_all_of_a_turn_is_written_when_it_is_over_in_order() -> None:
    time = Ticking()
    one, other = (FakeTransport(time.loop, Silent()) for _ in range(2))
    put(time, one, b"a")
    put(time, other, b"b")
    assert (one.sent, other.sent) == (b"", b"")
    time.loop.run_soon()
    assert (one.sent, other.sent) == (b"a", b"b")
    put(time, one, b"c")
    time.loop.run_until_quiet()
    assert (one.sent, other.sent) == (b"ac", b"b"), "nothing twice"


def test_what_was_closed_meanwhile_is_not_written_to() -> None:
    time = Ticking()
    one, other = (FakeTransport(time.loop, Silent()) for _ in range(2))
    put(time, one, b"a")
    put(time, other, b"b")
    one.abort()
    time.loop.run_until_quiet()
    assert (one.sent, other.sent) == (b"", b"b")


def test_one_that_fails_takes_no_other_along() -> None:
    time = Ticking()
    broken, other = Broken(time.loop, Silent()), FakeTransport(time.loop, Silent())
    put(time, broken, b"a")
    put(time, other, b"b")
    time.loop.run_until_quiet()
    assert other.sent == b"b"
    assert broken.is_aborted
    assert "unable" in str(cast("dict[str, object]", time.loop.failures[0])["exception"])
