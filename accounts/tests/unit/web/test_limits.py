"""Floods."""

from accounts.domain.times import SECOND
from accounts.web.limits import MAX_KEYS, Buckets, address_key


class FakeClock:
    def __init__(self) -> None:
        self.now = 1_790_000_000 * SECOND

    def __call__(self) -> int:
        return self.now


def test_a_burst_passes_and_then_the_rate() -> None:
    clock = FakeClock()
    buckets = Buckets(2, 3, clock)
    assert [buckets.wait("a") for _ in range(5)] == [0, 0, 0, 1, 1]
    assert buckets.wait("b") == 0
    clock.now += SECOND
    assert [buckets.wait("a") for _ in range(3)] == [0, 0, 1]
    clock.now -= 3600 * SECOND
    assert buckets.wait("a") == 1
    clock.now += 2 * SECOND
    assert [buckets.wait("a") for _ in range(4)] == [0, 0, 0, 1]
    assert Buckets(0.1, 0, clock).wait("a") == 10


def test_memory_is_bounded_and_the_longest_silent_goes_first() -> None:
    buckets = Buckets(1, 1, FakeClock())
    for number in range(MAX_KEYS + 10):
        buckets.wait(str(number))
    assert len(buckets._held) == MAX_KEYS
    assert buckets.wait(str(MAX_KEYS)) == 1
    assert buckets.wait("0") == 0


def test_of_ipv6_a_whole_network_is_one() -> None:
    assert address_key("192.0.2.1") == "192.0.2.1"
    assert address_key("2001:db8::1") == address_key("2001:db8::ffff:1") == "2001:db8::/64"
    assert address_key("2001:db8:0:1::1") != address_key("2001:db8::1")
    assert address_key("::ffff:192.0.2.1") == "192.0.2.1"
    assert address_key("x" * 1000) == address_key("") == "unknown"
