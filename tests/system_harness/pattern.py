"""A stream of bytes that both ends can make and check without keeping it."""

import random
from collections.abc import Iterator

PERIOD = 1_048_573
"""A prime near 1 MiB: no buffer size divides it, so bytes lost, doubled or swapped at a buffer's edge are noticed."""
BLOCK = random.Random(PERIOD).randbytes(PERIOD)


def pattern(size: int) -> Iterator[bytes]:
    """Yield the first `size` bytes of the stream in blocks."""
    for _ in range(size // PERIOD):
        yield BLOCK
    if rest := size % PERIOD:
        yield BLOCK[:rest]
