"""Targets found in DNS, through a running gateway: a real DNS server, real services, one process and several."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from gateway_harness.certificates import Authority, over_tls
from gateway_harness.dns_server import DnsServer
from gateway_harness.gateway_process import GatewayProcess, running_gateway
from gateway_harness.origin import OriginConnection, ScriptedOrigin
from gateway_harness.polling import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SRV = "_http._tcp.cars.test"


@pytest.fixture
def dns() -> Iterator[DnsServer]:
    with DnsServer() as server:
        server.set("host.test", "A", "127.0.0.1")
        yield server


def named(name: str) -> ScriptedOrigin:
    def script(connection: OriginConnection) -> None:
        while True:
            connection.read_request()
            connection.answer(200, name.encode())

    return ScriptedOrigin(script)


def config(dns: DnsServer, target: str, more: str = "", other: str = "http://127.0.0.1:1") -> str:
    return f"""
dns: {{servers: ["{dns.address}"]}}
services:
  cars: {{targets: [{{{target}}}]{more}}}
  other: {{targets: ['{other}']}}
routes:
  - {{name: cars, match: {{}}, service: cars}}
  - {{name: other, match: {{path: /other}}, service: other}}
"""


def answered(gateway: GatewayProcess, count: int = 12, path: str = "/") -> list[bytes]:
    """Bodies of several requests, each on a connection of its own so that every worker has its share."""
    bodies = []
    for _ in range(count):
        with gateway.connect() as client:
            bodies.append(client.request("GET", path).body)
    return bodies


@pytest.mark.parametrize("workers", [0, 2])
def test_targets_come_and_go_without_a_reload(dns: DnsServer, tmp_path: Path, workers: int) -> None:
    with named("one") as one, named("two") as two:
        dns.set(SRV, "SRV", (0, 1, one.port, "host.test"))
        routes = config(dns, f"url: http://{SRV}, resolve: srv")
        with running_gateway(tmp_path, routes, workers=workers) as gateway:
            assert set(answered(gateway)) == {b"one"}
            dns.set(SRV, "SRV", (0, 1, one.port, "host.test"), (0, 1, two.port, "host.test"))
            eventually(lambda: set(answered(gateway, 4)) == {b"one", b"two"}, "the second target")
            dns.set(SRV, "SRV", (0, 1, two.port, "host.test"))
            eventually(lambda: set(answered(gateway)) == {b"two"}, "the first one to be gone")
            dns.trouble.update({"SRV": "SERVFAIL"})
            eventually(lambda: gateway.said("its last 1 stay"), "the failure")
            assert set(answered(gateway)) == {b"two"}, "what was known last"
            assert not gateway.said("generation 2")
            assert {line["target"] for line in gateway.log_lines()} <= {
                f"http://127.0.0.1:{port}" for port in (one.port, two.port)
            }


@pytest.mark.parametrize("workers", [0, 1])
def test_a_name_that_is_not_there_is_that_services_alone(dns: DnsServer, tmp_path: Path, workers: int) -> None:
    with named("other") as other, named("late") as late:
        routes = config(dns, f"url: 'http://late.test:{late.port}', resolve: addresses", other=other.url)
        with running_gateway(tmp_path, routes, workers=workers) as gateway:
            assert answered(gateway, 1, "/other") == [b"other"]
            with gateway.connect() as client:
                response = client.request("GET", "/")
                assert (response.status, response.code) == (503, "no_healthy_target")
                assert response.value("retry-after") == "1"
                assert client.request("POST", "/", body=b"x").status == 503
            gateway.wait_said("late.test is no name that DNS knows: no target is known until it is answered for")
            dns.set("late.test", "A", "127.0.0.1")
            eventually(lambda: answered(gateway, 1) == [b"late"], "the name")


def test_a_reload_keeps_what_is_known_and_learns_what_is_new(dns: DnsServer, tmp_path: Path) -> None:
    with named("one") as one, named("two") as two:
        dns.set("one.test", "A", "127.0.0.1", ttl=300)
        dns.set("two.test", "A", "127.0.0.1", ttl=300)
        first = config(dns, f"url: 'http://one.test:{one.port}', resolve: addresses")
        second = config(
            dns,
            f"url: 'http://one.test:{one.port}', resolve: addresses}}, "
            f"{{url: 'http://two.test:{two.port}', resolve: addresses",
        )
        with running_gateway(tmp_path, first, workers=1) as gateway:
            assert set(answered(gateway)) == {b"one"}
            gateway.write_config(second)
            eventually(lambda: gateway.said("generation 2 is served"), "the reload")
            assert set(answered(gateway)) == {b"one", b"two"}, "from the first request on"
            assert dns.questions["one.test", "A"] == 1, "it holds for 300 s, and still does"
            [worker] = gateway.workers()
            os.kill(worker, signal.SIGKILL)
            eventually(lambda: gateway.said("takes its place"), "another worker")
            assert set(answered(gateway)) == {b"one", b"two"}, "the new one is told"


def test_a_target_of_lesser_priority_is_for_when_the_others_are_gone(dns: DnsServer, tmp_path: Path) -> None:
    with named("spare") as spare:
        with named("first") as first:
            dns.set(SRV, "SRV", (20, 9, spare.port, "host.test"), (10, 1, first.port, "host.test"))
            running = running_gateway(tmp_path, config(dns, f"url: http://{SRV}, resolve: srv"))
            gateway = running.__enter__()
            assert set(answered(gateway)) == {b"first"}
        try:
            assert set(answered(gateway)) == {b"spare"}
        finally:
            running.__exit__(None, None, None)


def test_the_certificate_is_of_the_name_that_the_config_says(dns: DnsServer, tmp_path: Path) -> None:
    ca = Authority(tmp_path)

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.answer(200, b"secure")

    for name, status in (("cars.test", 200), ("host.test", 502)):
        with ScriptedOrigin(over_tls(ca.serving(ca.issue(name)), script)) as origin:
            dns.set(SRV, "SRV", (0, 1, origin.port, "host.test"))
            routes = config(dns, f"url: https://{SRV}, resolve: srv", f", tls: {{ca: {ca.pem}}}")
            with running_gateway(tmp_path, routes) as gateway, gateway.connect() as client:
                assert client.request("GET", "/").status == status
