"""Slow clients by the hundred, beside others that want nothing but an answer."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gateway_harness.counting_origin
from gateway_harness.attackers import Attackers
from gateway_harness.gateway_process import GatewayProcess, running_gateway
from gateway_harness.honest import honest_for
from gateway_harness.origin import bound_socket
from gateway_harness.polling import eventually

pytestmark = [pytest.mark.slow, pytest.mark.alone]

MIB = 1 << 20
EACH = int(os.environ.get("ATTACKERS", "650"))
"""How many of each kind: ATTACKERS=2000 pytest -s -k slow_clients for the full figure."""
STUCK_MS = 500.0
"""A machine shared with others is late by itself; a deadline or a queue that an attack fills is later than this."""
HEAD = b"GET /slow-head HTTP/1.1\r\nHost: a\r\nX-Slow: "
SMALL_BODY = b"POST /slow-body HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
LARGE_BODY = b"POST /slow-body HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
CHUNKED_BODY = b"POST /slow-body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n"
READ = b"GET /bytes/1048576 HTTP/1.1\r\nHost: a\r\n\r\n"


@contextlib.contextmanager
def counting_origin() -> Iterator[str]:
    """The URL of a service in a process of its own."""
    with bound_socket() as sock:
        port = sock.getsockname()[1]
    command = (sys.executable, gateway_harness.counting_origin.__file__, str(port), os.devnull)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as origin:
        try:
            assert origin.stdout is not None
            assert origin.stdout.readline() == "ready\n"
            yield f"http://127.0.0.1:{port}"
        finally:
            origin.kill()


@contextlib.contextmanager
def running(directory: Path) -> Iterator[GatewayProcess]:
    """One service for all, but for the large answers: theirs is busy to fill the kernel's buffers, and must not be what
    is measured."""
    directory.mkdir(exist_ok=True)
    with counting_origin() as url, counting_origin() as large_url:
        config = (
            f"services: {{origin: {{targets: ['{url}']}}, large: {{targets: ['{large_url}']}}}}\n"
            "routes:\n  - {name: all, match: {path: /**}, service: origin, priority: high}\n"
            "  - {name: large, match: {path: /bytes/**}, service: large}\n"
        )
        with running_gateway(directory, config) as gateway:
            yield gateway


@pytest.fixture
def attacked(tmp_path: Path) -> Iterator[GatewayProcess]:
    with running(tmp_path) as gateway:
        yield gateway


@pytest.mark.parametrize(
    ("opening", "drip"),
    [(HEAD, b"x"), (SMALL_BODY, b"x"), (LARGE_BODY, b"x"), (CHUNKED_BODY, b"x"), (READ, b"")],
    ids=["head", "small body", "large body", "chunked body", "read"],
)
def test_slow_clients_hurt_nobody_else(attacked: GatewayProcess, tmp_path: Path, opening: bytes, drip: bytes) -> None:
    """Beside a gateway that nobody attacks on a machine that is as busy: another is attacked there. On two cores the
    attackers and their service alone make answers five times as late."""
    honest_for(attacked.port, 1)
    with running(tmp_path / "other") as other, Attackers(other.port, EACH, opening, drip):
        quiet = honest_for(attacked.port, 8)
    assert quiet.failed == 0
    before = attacked.resident_bytes()
    with Attackers(attacked.port, EACH, opening, drip) as attackers:
        loud = honest_for(attacked.port, 8)
        grown = attacked.resident_bytes() - before
        print(f"\nquiet {quiet}\nloud  {loud}, {grown / MIB:+.0f} MiB")
        assert loud.failed == 0
        assert loud.p99 < max(3 * quiet.p99, STUCK_MS)
        assert grown < EACH * MIB // 8
        if drip:
            eventually(lambda: attackers.ended == EACH, "the attackers are ended")


def test_slow_readers_do_not_use_their_service_up(attacked: GatewayProcess) -> None:
    """However many of its connections wait for them, the service has others."""
    with Attackers(attacked.port, EACH, READ), attacked.connect() as client:
        for _ in range(3):
            assert client.request("GET", "/bytes/10").body == bytes(10)


def test_slow_clients_of_every_kind_at_once(attacked: GatewayProcess) -> None:
    honest_for(attacked.port, 1)
    quiet = honest_for(attacked.port, 4)
    with contextlib.ExitStack() as held:
        for network, (opening, drip) in enumerate(((HEAD, b"x"), (SMALL_BODY, b"x"), (READ, b"")), 1):
            held.enter_context(Attackers(attacked.port, EACH, opening, drip, network))
        loud = honest_for(attacked.port, 8)
    assert loud.failed == 0
    assert loud.p99 < max(3 * quiet.p99, STUCK_MS)
