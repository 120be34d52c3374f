"""What a reload comes to, and what is said of it. A config by hand, real sockets and workers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from gateway_harness.controlling import Supervised, run, snapshot, supervised
from moongate.compile import AccountsPlan, Snapshot
from moongate.config import ConfigInvalid, Problem
from moongate.control.accounts.keeper import Accounts
from moongate.control.activation import Notifier
from moongate.control.discovery import Discovery
from moongate.control.reload import Parts, Reloader, Serving, package_of, serving
from moongate.control.sockets import Sockets
from moongate.control.watch import stamp_of
from moongate.net.listener import bind


class ByHand:
    """A source that holds what a test puts there; and a console that notes."""

    def __init__(self, held: Supervised) -> None:
        self.stamps = {"none": stamp_of("none")}
        self.next: Snapshot | list[Problem] = snapshot("http://127.0.0.1:1")
        self.said = held.said

    def load(self, generation: int) -> Snapshot:
        if isinstance(self.next, list):
            raise ConfigInvalid(self.next)
        return replace(self.next, generation=generation)

    def say(self, text: str) -> None:
        self.said.append(text)

    def complain_of(self, problems: Sequence[Problem]) -> None:
        self.said.extend(map(str, problems))

    def start_failure(self, error: OSError) -> str:
        return f"cannot listen on {error.filename}"


@asynccontextmanager
async def reloading() -> AsyncIterator[tuple[Reloader, ByHand]]:
    async with supervised(1) as held:
        source = ByHand(held)
        first = source.load(1)
        package = held.package(first)
        held.sockets.adopt(package.sockets)
        assert await held.supervisor.start(package) == []
        discovery = Discovery(held.tasks, held.said.append)
        parts = Parts(
            held.sockets, held.supervisor, discovery, Accounts(held.supervisor.tell, source.say), source, Notifier({})
        )
        yield Reloader(source, Serving(1, first.digest), parts), source


REFUSED = "moongate: reload refused, generation {} goes on"


def test_every_way_to_end() -> None:
    async def work() -> None:
        async with reloading() as (reloader, source):
            assert await reloader.reload("a changed")
            source.next = [Problem("f.yaml", 2, 3, "no")]
            assert not await reloader.reload("a changed")
            tls = "{bind: '127.0.0.1:0', tls: {certificate: no.pem, key: no.key}}"
            source.next = snapshot("http://127.0.0.1:1", 2, tls)
            assert not await reloader.reload("a changed")
            with bind("127.0.0.1", 0) as taken:
                where = f"127.0.0.1:{taken.getsockname()[1]}"
                source.next = snapshot("http://127.0.0.1:1", 2, f"{{bind: '{where}'}}")
                assert not await reloader.reload("a changed")
            source.next = snapshot("http://127.0.0.1:2")
            assert await reloader.reload("a changed")
            source.next = snapshot("http://127.0.0.1:3")
            assert await reloader.reload("asked")
            assert source.said == [
                "moongate: a changed, nothing that counts is different: generation 1 goes on",
                REFUSED.format(1),
                "f.yaml:2:3: no",
                REFUSED.format(1),
                "moongate: no.pem: no such file, or it can not be read",
                REFUSED.format(1),
                f"moongate: cannot listen on {where}",
                "moongate: generation 2 is served (a changed)",
                "moongate: generation 3 is served (asked)",
            ]

    run(work())


def test_workers_are_given_no_token() -> None:
    token = "mgw_0123456789abcdefghij"
    accounts = AccountsPlan("http://127.0.0.1:1", token, 900.0, "var/replica.sqlite")
    plan = replace(snapshot("http://127.0.0.1:1"), accounts=accounts)
    sockets = Sockets(1)
    try:
        package = package_of(plan, sockets)
        sockets.adopt(package.sockets)
    finally:
        sockets.close()
    assert token.encode() not in package.snapshot
    assert serving(plan).accounts == accounts
