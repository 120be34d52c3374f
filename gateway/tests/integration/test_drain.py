"""Leaving under load, as a load balancer sees it: told first, served meanwhile, and never cut off."""

import signal
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from gateway_harness.gateway_process import running_gateway
from gateway_harness.polling import eventually
from gateway_harness.storm import Load, storm_origins
from gateway_harness.websocket_peers import connected, echo, serving

NOTICE_SECONDS = 3
HEAD = f"admin: {{bind: '127.0.0.1:0'}}\ndrain: {{notice: {NOTICE_SECONDS}s, timeout: 10s}}\n"


def test_under_load_nobody_is_reset_and_the_end_is_in_order(tmp_path: Path) -> None:
    with serving(echo) as echo_port, storm_origins() as targets, ExitStack() as stack:
        config = (
            f"services: {{web: {{targets: ['{targets[0]}']}}, chat: {{targets: ['http://127.0.0.1:{echo_port}']}}}}\n"
            "routes:\n- {name: web, match: {path: /storm}, service: web, priority: high}\n"
            "- {name: chat, match: {path: /**}, service: chat, upgrade: websocket}\n"
        )
        gateway = stack.enter_context(running_gateway(tmp_path, config, workers=2, head=HEAD))
        sockets = [stack.enter_context(connected(gateway.port)) for _ in range(4)]
        load = Load(gateway.port, 32, 300)
        stack.callback(load.kill)
        assert gateway.admin("GET", "/readyz")[0] == 200
        time.sleep(0.5)
        gateway.process.send_signal(signal.SIGTERM)
        told = time.monotonic()
        eventually(lambda: gateway.admin("GET", "/readyz")[0] == 503, "not ready")
        assert gateway.admin("GET", "/healthz")[0] == 200
        time.sleep(NOTICE_SECONDS / 2)  # a load balancer asks every second or two, and then sends nobody any more
        outcome = load.stop()
        for socket in sockets:
            socket.send("still here")
            assert socket.recv(5) == "still here"
        for socket in sockets:
            with pytest.raises(ConnectionClosed) as caught:
                socket.recv(20)
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == 1001
        assert gateway.wait_end(20) == 0
        assert NOTICE_SECONDS <= time.monotonic() - told < NOTICE_SECONDS + 10
        assert outcome.failures == []
        assert set(outcome.statuses) == {"200"}
        assert outcome.announced >= 32, "each connection was told that its answer was the last one"
        assert outcome.ended_idle == 0, "none was closed without a word"


def test_a_person_at_a_terminal_does_not_wait_for_the_notice(tmp_path: Path) -> None:
    head = "admin: off\ndrain: {notice: 1m}\n"
    with storm_origins() as targets:
        config = f"services: {{s: {{targets: ['{targets[0]}']}}}}\nroutes: [{{name: r, match: {{}}, service: s}}]\n"
        with running_gateway(tmp_path, config, workers=1, head=head) as gateway:
            gateway.process.send_signal(signal.SIGINT)
            assert gateway.wait_end(20) == 0
