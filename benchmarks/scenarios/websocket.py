"""Small WebSocket messages through an upgraded connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import websocket_load
from benchmarks.model import Column, Needs
from benchmarks.scenarios.scenario import MEMORY, Scenario

if TYPE_CHECKING:
    from benchmarks.stand import Stand

CONNECTIONS = 64


def measure(stand: Stand) -> dict[str, float]:
    return stand.calmest(lambda: _exchange(stand))[0]


def _exchange(stand: Stand) -> dict[str, float]:
    seen = websocket_load.run(stand.site.port, CONNECTIONS, stand.window.measured, stand.cpu_seconds)
    return {
        "message_us": seen.cpu_seconds / seen.messages * 1e6,
        "messages_per_s": seen.messages / seen.seconds,
        "memory_mib": stand.memory_bytes() / 2**20,
    }


WEBSOCKET = Scenario(
    name="websocket",
    title="WebSocket messages",
    explanation="64-byte messages echoed over 64 connections, one at a time on each; there and back is one message.",
    measure=measure,
    needs=Needs(upgrade=True),
    columns=(
        Column("message_us", "CPU per message, µs", 1),
        Column("messages_per_s", "messages/s"),
        MEMORY,
    ),
)
