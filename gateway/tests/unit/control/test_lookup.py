"""What is made of DNS' answers: a real server on loopback, asked over UDP and TCP."""

import asyncio
from collections.abc import Iterator
from itertools import product

import pytest

from gateway_harness.dns_server import DnsServer
from moongate.control import lookup
from moongate.control.lookup import Answer, Lookup, LookupFailed
from moongate.core.plans import NamePlan


@pytest.fixture(scope="module")
def running() -> Iterator[DnsServer]:
    with DnsServer() as server:
        yield server


@pytest.fixture
def server(running: DnsServer) -> DnsServer:
    running.zone.clear()
    running.trouble.clear()
    running.questions.clear()
    return running


def name(server: DnsServer, host: str = "cars.test", port: int = 81, *, tls: bool = False) -> NamePlan:
    return NamePlan(f"http://{host}", host, port, tls, 1, (("127.0.0.1", server.port),))


def ask(plan: NamePlan) -> Answer:
    return asyncio.run(Lookup(plan).ask())


def failure(plan: NamePlan) -> str:
    with pytest.raises(LookupFailed) as raised:
        ask(plan)
    return str(raised.value)


def places(answer: Answer) -> list[str]:
    return [f"{target.url} {target.weight} {target.priority}" for target in answer.targets]


def test_every_address_is_a_target_in_an_order_of_its_own(server: DnsServer) -> None:
    server.set("cars.test", "A", "127.0.0.9", "127.0.0.2", ttl=30)
    server.set("cars.test", "AAAA", "::1", ttl=20)
    answer = ask(name(server))
    assert places(answer) == ["http://127.0.0.2:81 1 0", "http://127.0.0.9:81 1 0", "http://[::1]:81 1 0"]
    assert answer.seconds == 20, "the first to run out"
    assert {target.name for target in answer.targets} == {"cars.test"}, "for the certificate"


def test_an_alias_holds_no_longer_than_its_own_time(server: DnsServer) -> None:
    server.set("cars.test", "CNAME", "real.test", ttl=7)
    server.set("real.test", "A", "127.0.0.2", ttl=300)
    assert ask(name(server)).seconds == 7


def test_more_than_a_datagram_holds(server: DnsServer) -> None:
    addresses = [f"127.0.{major}.{minor}" for major, minor in product(range(10), range(1, 100))]
    server.set("cars.test", "A", *addresses)
    assert len(ask(name(server)).targets) == 990


def test_more_than_any_service_has(server: DnsServer) -> None:
    server.set("cars.test", "A", *(f"127.0.{major}.{minor}" for major, minor in product(range(12), range(1, 101))))
    assert len(ask(name(server)).targets) == lookup.MAX_TARGETS


def test_what_a_config_may_not_say_dns_may_not_either(server: DnsServer) -> None:
    server.set("cars.test", "A", "169.254.169.254", "127.0.0.2", "0.0.0.0", "224.0.0.1")
    assert places(ask(name(server))) == ["http://127.0.0.2:81 1 0"]
    server.set("cars.test", "A", "169.254.169.254")
    assert failure(name(server)) == "has no address that can be used"


def test_an_address_that_nothing_leads_to_counts_only_where_there_is_no_other(server: DnsServer) -> None:
    server.set("cars.test", "A", "127.0.0.2")
    server.set("cars.test", "AAAA", "ff0e::1")
    assert places(ask(name(server))) == ["http://127.0.0.2:81 1 0"]


def test_failures_in_words(server: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert failure(name(server)) == "is no name that DNS knows"
    server.set("cars.test", "SRV", (0, 0, 1, "a.test"))
    assert failure(name(server)) == "has no address in DNS"
    for code in ("SERVFAIL", "REFUSED"):
        server.trouble.update({"A": code, "AAAA": code})
        assert failure(name(server)) == "is not answered for by any DNS server (each fails or refuses)"
    monkeypatch.setattr(lookup, "LIFETIME_SECONDS", 0.2)
    server.trouble.update({"A": None, "AAAA": None})
    assert failure(name(server)) == "is not answered for by any DNS server (within 0.2 s)"


def test_one_kind_of_address_that_fails_keeps_what_it_had(server: DnsServer) -> None:
    async def work() -> None:
        asked = Lookup(name(server))
        server.set("cars.test", "A", "127.0.0.2")
        server.trouble["AAAA"] = "SERVFAIL"
        assert places(await asked.ask()) == ["http://127.0.0.2:81 1 0"], "some servers never answer for AAAA"
        server.trouble["AAAA"] = ""
        server.set("cars.test", "AAAA", "::1")
        assert len((await asked.ask()).targets) == 2
        server.trouble["A"] = "SERVFAIL"
        assert len((await asked.ask()).targets) == 2, "as it was"
        server.trouble["A"] = ""
        server.set("cars.test", "A")
        assert places(await asked.ask()) == ["http://[::1]:81 1 0"], "gone, says the server"

    asyncio.run(work())


def test_srv_records_hold_ports_weights_and_priorities(server: DnsServer) -> None:
    srv = "_http._tcp.cars.test"
    server.set(
        srv, "SRV", (10, 60, 8001, "a.test"), (10, 20, 8002, "b.test"), (20, 0, 8003, "b.test"), (10, 0, 1, "c.test")
    )
    server.set("a.test", "A", "127.0.0.1", ttl=50)
    server.set("b.test", "A", "127.0.0.2", "127.0.0.3", ttl=40)
    server.set("c.test", "A", "127.0.0.4", ttl=60)
    server.zone[srv, "SRV"] = (45, server.zone[srv, "SRV"][1])
    answer = ask(name(server, srv, 0, tls=True))
    assert places(answer) == [
        "https://127.0.0.1:8001 100 10",
        "https://127.0.0.2:8002 17 10",
        "https://127.0.0.3:8002 17 10",
        "https://127.0.0.4:1 1 10",
        "https://127.0.0.2:8003 1 20",
        "https://127.0.0.3:8003 1 20",
    ]
    assert answer.seconds == 40
    assert {target.name for target in answer.targets} == {"cars.test"}, (
        "whom the records stand under, not who they name"
    )


def test_weights_in_their_lowest_terms(server: DnsServer) -> None:
    srv = "_http._tcp.cars.test"
    server.set(srv, "SRV", (0, 65535, 1, "a.test"), (0, 32768, 2, "a.test"))
    server.set("a.test", "A", "127.0.0.1")
    assert places(ask(name(server, srv, 0))) == ["http://127.0.0.1:1 2 0", "http://127.0.0.1:2 1 0"]


def test_srv_failures(server: DnsServer) -> None:
    srv = "_http._tcp.cars.test"
    assert failure(name(server, srv, 0)) == "is no name that DNS knows"
    server.set(srv, "A", "127.0.0.1")
    assert failure(name(server, srv, 0)) == "has no SRV record in DNS"
    server.set(srv, "SRV", (0, 0, 0, "."))
    assert failure(name(server, srv, 0)) == "says that there is no such service (RFC 2782)"
    server.set(srv, "SRV", (0, 0, 5, "gone.test"), (0, 0, 6, "here.test"))
    assert failure(name(server, srv, 0)) == "points to gone.test., which is no name that DNS knows"
    server.set("here.test", "A", "127.0.0.1")
    assert places(ask(name(server, srv, 0))) == ["http://127.0.0.1:6 1 0"], (
        "one that leads nowhere takes no other along"
    )


def test_a_host_of_several_that_is_not_answered_for_keeps_what_it_had(server: DnsServer) -> None:
    async def work() -> None:
        srv = "_http._tcp.cars.test"
        asked = Lookup(name(server, srv, 0))
        server.set(srv, "SRV", (0, 0, 5, "a.test"), (0, 0, 6, "b.test"), ttl=3600)
        server.set("a.test", "A", "127.0.0.1", ttl=3600)
        server.set("b.test", "A", "127.0.0.2", ttl=3600)
        server.trouble["b.test"] = "SERVFAIL"
        first = await asked.ask()
        assert (places(first), first.seconds) == (["http://127.0.0.1:5 1 0"], lookup.AGAIN_SECONDS)
        server.trouble.clear()
        whole = await asked.ask()
        assert (places(whole), whole.seconds) == (["http://127.0.0.1:5 1 0", "http://127.0.0.2:6 1 0"], 3600)
        server.trouble["b.test"] = "SERVFAIL"
        again = await asked.ask()
        assert (again.targets, again.seconds) == (whole.targets, lookup.AGAIN_SECONDS), "asked again soon"
        server.trouble["a.test"] = "SERVFAIL"
        with pytest.raises(LookupFailed, match=r"points to a\.test\., which is not answered for"):
            await asked.ask()
        server.trouble.clear()
        server.set("b.test", "A")
        assert places(await asked.ask()) == ["http://127.0.0.1:5 1 0"], "gone, says the server"

    asyncio.run(work())


def test_hosts_that_srv_records_name_no_longer_are_forgotten(server: DnsServer) -> None:
    async def work() -> None:
        srv = "_http._tcp.cars.test"
        asked = Lookup(name(server, srv, 0))
        for number in range(20):  # as where each start of a container is a new name
            server.set(srv, "SRV", (0, 0, 5, f"pod-{number}.test"))
            server.set(f"pod-{number}.test", "A", "127.0.0.1")
            await asked.ask()
        assert [host for host, _ in asked._known] == ["pod-19.test."]

    asyncio.run(work())
