"""Names that are followed: what is told, when it is asked again, and what stays when nobody answers."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest

from gateway_harness.controlling import run, until
from gateway_harness.dns_server import DnsServer
from moongate.control import discovery as module
from moongate.control.discovery import Discovery
from moongate.core.plans import Found, NamePlan
from moongate.net.tasks import Tasks


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer() as server:
        yield server


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FLOOR_SECONDS", 0.02)
    monkeypatch.setattr(module, "RETRY_SECONDS", (0.02, 0.1))


class Following:
    def __init__(self) -> None:
        self.tasks = Tasks()
        self.said: list[str] = []
        self.told: list[list[str]] = []
        self.discovery = Discovery(self.tasks, self.said.append)
        self.discovery.take = self.take

    def take(self, found: Found) -> None:
        self.told += [[target.host for target in targets] for targets in found.values()]


def following(work: Callable[[Following], Awaitable[None]]) -> Following:
    async def whole() -> None:
        try:
            await work(held)
        finally:
            await held.tasks.cancel()

    held = Following()
    run(whole())
    return held


def name(server: DnsServer, host: str = "cars.test") -> NamePlan:
    return NamePlan(f"http://{host}:81", host, 81, tls=False, servers=(("127.0.0.1", server.port),))


def test_what_changes_is_told_once(server: DnsServer) -> None:
    async def work(held: Following) -> None:
        server.set("cars.test", "A", "127.0.0.1", ttl=0)
        await held.discovery.begin([name(server)])
        assert held.told == [["127.0.0.1"]], "the first answer is waited for"
        held.discovery.keep([name(server)])
        asked = server.questions["cars.test", "A"]
        await until(lambda: server.questions["cars.test", "A"] > asked + 3, "more questions")
        server.set("cars.test", "A", "127.0.0.2", "127.0.0.1", ttl=0)
        await until(lambda: len(held.told) == 2, "the other address")
        assert held.told[1] == ["127.0.0.1", "127.0.0.2"]
        assert held.discovery.found[name(server)][1].host == "127.0.0.2"

    assert following(work).said == [
        "cars.test has 1 target in DNS: 127.0.0.1:81",
        "cars.test has 2 targets in DNS: 127.0.0.1:81, 127.0.0.2:81",
    ]


def test_nobody_answers_and_the_last_answer_stays(server: DnsServer) -> None:
    async def work(held: Following) -> None:
        server.set("cars.test", "A", "127.0.0.1", ttl=0)
        await held.discovery.begin([name(server)])
        server.trouble.update({"A": "SERVFAIL", "AAAA": "SERVFAIL"})
        await until(lambda: len(held.said) == 2, "a failure")
        asked = server.questions["cars.test", "A"]
        await until(lambda: server.questions["cars.test", "A"] > asked + 2, "more questions")
        assert held.discovery.found[name(server)][0].host == "127.0.0.1"
        server.trouble.clear()
        await until(lambda: len(held.said) == 3, "an answer")

    held = following(work)
    assert held.told == [["127.0.0.1"]]
    failed = "is not answered for by any DNS server (each fails or refuses)"
    assert held.said[1:] == [
        f"cars.test {failed}: its last 1 stay",
        "cars.test is answered for again",
    ]


def test_a_name_that_is_not_there_yet(server: DnsServer) -> None:
    async def work(held: Following) -> None:
        await held.discovery.begin([name(server)])
        assert held.told == []
        assert held.said == ["cars.test is no name that DNS knows: no target is known until it is answered for"]
        server.set("cars.test", "A", "127.0.0.1")
        await until(lambda: held.told, "the name")

    following(work)


def test_silence_is_not_waited_for_long(server: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_SECONDS", 0.1)

    async def work(held: Following) -> None:
        server.trouble.update({"A": None, "AAAA": None})
        server.set("vans.test", "A", "127.0.0.1")
        async with asyncio.timeout(2):
            await held.discovery.begin([name(server)])
        assert held.said == []

    following(work)


def test_what_no_config_names_is_followed_no_longer(server: DnsServer) -> None:
    async def work(held: Following) -> None:
        for host in ("cars.test", "vans.test", "lorries.test"):
            server.set(host, "A", "127.0.0.1", ttl=0)
        cars, vans, lorries = (name(server, host) for host in ("cars.test", "vans.test", "lorries.test"))
        await held.discovery.begin([cars, vans])
        held.discovery.keep([cars, vans])
        await held.discovery.begin([vans, lorries])
        held.discovery.abandon()
        assert set(held.discovery.found) == {cars, vans}, "the reload was refused"
        await held.discovery.begin([vans, lorries])
        held.discovery.keep([vans, lorries])
        assert set(held.discovery.found) == {vans, lorries}
        await asyncio.sleep(0.05)
        before = server.questions["cars.test", "A"]
        asked = server.questions["vans.test", "A"]
        await until(lambda: server.questions["vans.test", "A"] > asked + 5, "more questions")
        assert server.questions["cars.test", "A"] == before

    following(work)
