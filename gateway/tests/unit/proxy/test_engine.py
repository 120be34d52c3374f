import logging

import pytest

from gateway_harness.proxying import Proxying
from gateway_harness.sides import NotingDownstream
from moongate.core.errors import BAD_REQUEST, MessageRefused
from moongate.proxy.engine import Live


def test_every_request_has_an_id_of_its_own() -> None:
    proxying = Proxying()
    upstreams = [proxying.offer() for _ in range(3)]
    proxying.service.pools = proxying.service.pools[:1]
    for _ in upstreams:
        proxying.get()
    assert len({upstream.exchange.id for upstream in upstreams}) == 3


def test_a_fault_of_ours_is_500_without_a_word_about_it(caplog: pytest.LogCaptureFixture) -> None:
    proxying = Proxying()

    class BrokenRouter:
        def find(self, _head: object) -> object:
            raise ZeroDivisionError("secret 127.0.0.1")

    snapshot = proxying.engine.live.snapshot
    broken = type("Broken", (), {"router": BrokenRouter(), "trusted_proxies": (), "generation": 4})()
    proxying.engine.live = Live(broken, {})
    with caplog.at_level(logging.ERROR):
        downstream = proxying.get()
    assert downstream.sent.startswith(b"HTTP/1.1 500 ")
    assert b"secret" not in downstream.sent
    assert b"ZeroDivision" not in downstream.sent
    assert downstream.finished is False
    assert (proxying.line.code, proxying.line.reason, proxying.line.generation) == ("internal", "exception", 4)
    assert "ZeroDivisionError: secret" in caplog.text
    assert proxying.line.id.decode() in caplog.text
    proxying.engine.live = Live(snapshot, proxying.engine.live.services)


def test_octets_that_are_no_request_are_answered_and_told() -> None:
    proxying = Proxying()
    downstream = NotingDownstream()
    proxying.engine.refuse(downstream, MessageRefused(BAD_REQUEST, "bad_header"))
    assert downstream.sent.startswith(b"HTTP/1.1 400 ")
    assert downstream.finished is False
    assert (proxying.line.head, proxying.line.reason, proxying.line.remote) == (None, "bad_header", "192.0.2.7")


def test_an_exchange_keeps_the_snapshot_it_began_with() -> None:
    proxying = Proxying()
    proxying.get()
    later = Proxying()
    proxying.engine.live = later.engine.live
    upstream = proxying.offer()
    proxying.service.pools[0].waiting[0].upstream_ready(upstream)
    assert upstream.is_asked
    proxying.get()
    assert len(later.service.pools[0].waiting) == 1


def test_without_an_observer_nobody_is_told() -> None:
    proxying = Proxying()
    proxying.engine.observer = None
    downstream = NotingDownstream()
    proxying.engine.refuse(downstream, MessageRefused(BAD_REQUEST, "bad_header"))
    assert downstream.finished is False


def test_who_is_trusted_is_the_snapshots_word() -> None:
    engine = Proxying(
        "version: 1\ntrusted_proxies: [10.0.0.0/8]\nservices: {a: {targets: [http://a]}}\n"
        "routes: [{name: a, service: a, match: {}}]\n"
    ).engine
    assert (engine.is_trusted("10.1.1.1"), engine.is_trusted("11.1.1.1")) == (True, False)
