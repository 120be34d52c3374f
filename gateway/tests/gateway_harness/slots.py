"""One gateway for many tests: each test takes a slot of its own, a host name with a route, a service and its targets.

Starting a gateway costs half a second; a slot costs nothing, and no test sees what another left behind.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, TypeAlias

from gateway_harness.origin import Script, ScriptedOrigin, bound_socket

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from gateway_harness.gateway_process import GatewayProcess
    from gateway_harness.raw_client import RawClient

TakeSlot: TypeAlias = "Callable[[str], Slot]"

KINDS = {
    "plain": (250, 1, "", ""),
    "pair": (10, 2, "", ""),
    "hasty": (16, 1, ", timeouts: {connect: 250ms, response_head: 250ms, body_idle: 250ms}", ""),
    "small": (8, 1, "", ", max_body: 1000"),
    "reads": (2, 1, "", ""),
}
"""How many slots of each kind, with how many targets, and what its service and its route say beyond that."""


class Slots:
    """Every slot of one gateway, and which are taken."""

    def __init__(self) -> None:
        self._free: dict[str, list[tuple[str, list[socket.socket]]]] = {}
        services, routes = [], []
        for kind, (count, targets, service, route) in KINDS.items():
            self._free[kind] = []
            for number in range(count):
                name = f"{kind}-{number}"
                socks = [bound_socket() for _ in range(targets)]
                urls = ", ".join(f"'http://127.0.0.1:{sock.getsockname()[1]}'" for sock in socks)
                services.append(f"  {name}: {{targets: [{urls}]{service}}}\n")
                match = f"{{host: {name}.test{', methods: [GET, POST]' if kind == 'reads' else ''}}}"
                routes.append(f"  - {{name: {name}, match: {match}, service: {name}{route}}}\n")
                self._free[kind].append((f"{name}.test", socks))
        self.config = "services:\n" + "".join(services) + "routes:\n" + "".join(routes)

    def take(self, kind: str, gateway: GatewayProcess) -> Slot:
        host, socks = self._free[kind].pop()
        return Slot(gateway, host, socks)

    def close(self) -> None:
        for rest in self._free.values():
            for _, socks in rest:
                for sock in socks:
                    sock.close()


class Slot:
    """One host of the gateway. Its targets refuse connections until `serve`."""

    def __init__(self, gateway: GatewayProcess, host: str, socks: list[socket.socket]) -> None:
        self._stack = ExitStack()
        self._unserved = socks
        self.gateway = gateway
        self.host = host
        self.name = host.removesuffix(".test")
        self.ports = [sock.getsockname()[1] for sock in socks]

    def serve(self, *scripts: Script) -> ScriptedOrigin:
        """Start the next target with ``scripts``."""
        return self._stack.enter_context(ScriptedOrigin(*scripts, sock=self._unserved.pop(0)))

    def client(self, receive_buffer: int = 0) -> RawClient:
        """A connection whose requests name this slot's host."""
        return self._stack.enter_context(self.gateway.connect(self.host, receive_buffer))

    def wait_log(self, path: str) -> dict[str, object]:
        """The access log's line of the only request with ``path`` on this slot."""
        return self.gateway.wait_log(lambda line: line["route"] == self.name and line["path"] == path, path)

    def close(self) -> None:
        for sock in self._unserved:
            sock.close()
        self._stack.close()
