"""The ports between rooms name exactly what the rooms on both sides have: no more, no less.

mypy checks the signatures where one is handed over; what it can not see is a method that a port promises and nobody
calls, or a class that fits only because a parameter was typed as Any.
"""

from __future__ import annotations

import pytest

from moongate.core import ports
from moongate.net.client import ClientConnection
from moongate.net.server_connection import ServerConnection
from moongate.proxy.engine import Engine
from moongate.proxy.exchange import ProxyExchange


@pytest.mark.parametrize(
    ("port", "implementation"),
    [
        (ports.DownstreamEvents, ProxyExchange),
        (ports.Downstream, ServerConnection),
        (ports.UpstreamEvents, ProxyExchange),
        (ports.Upstream, ClientConnection),
        (ports.Handler, Engine),
    ],
)
def test_every_member_of_a_port_is_there(port: type, implementation: type) -> None:
    promised = {name for name in vars(port) if not name.startswith("_")} | set(port.__annotations__)
    assert promised
    assert {name for name in promised if not hasattr(implementation, name)} == set()
