"""Which worker should give connections to which.

The kernel spreads them by a hash, and there they stay for as long as clients keep them alive: of 64 connections, one of
two workers has 39 or more in one start of nine, and a worker that was replaced has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

BALANCE_SECONDS: Final = 1.0
_FEW: Final = 4  # not worth the trouble
_SHARE: Final = 0.2  # of what each would have if all had the same
_AT_ONCE: Final = 250  # as many sockets as one message takes


class Move(NamedTuple):
    """``size`` connections from the worker at one index to the one at another."""

    giver: int
    taker: int
    size: int


def uneven(connections: Sequence[int]) -> Move | None:
    """What makes the worker with the most and the one with the fewest even; None where they are about that already."""
    if len(connections) < 2:
        return None
    most, fewest = max(connections), min(connections)
    if most - fewest <= max(_FEW, _SHARE * sum(connections) / len(connections)):
        return None
    return Move(connections.index(most), connections.index(fewest), min(_AT_ONCE, (most - fewest) // 2))
