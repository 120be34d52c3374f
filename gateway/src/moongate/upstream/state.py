"""How one target is doing, as a worker tells it."""

from __future__ import annotations

import msgspec


class TargetState(msgspec.Struct, array_like=True):
    """One target of ``service``. Numbers are of now, ``failures`` since the worker began: connections that could not be
    made and exchanges that it broke. ``is_up`` is what the last try to connect came to; None before the first."""

    service: str
    url: str
    connections: int
    idle: int
    in_flight: int
    waiting: int
    failures: int
    is_up: bool | None
