"""Which listeners of two snapshots are the same socket. Apart from the doors, for control asks too."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from moongate.compile import ListenerPlan

DoorKey: TypeAlias = "tuple[str, int, int]"
"""What makes two snapshots' listeners the same socket: host and port as configured, and which of several such it is,
for any number of listeners may leave the port to the system."""


def door_keys(plans: Iterable[ListenerPlan]) -> list[DoorKey]:
    """The key of each listener."""
    seen: Counter[tuple[str, int]] = Counter()
    keys = []
    for plan in plans:
        keys.append((plan.host, plan.port, seen[plan.host, plan.port]))
        seen[plan.host, plan.port] += 1
    return keys
