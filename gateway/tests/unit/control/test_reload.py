"""What a reload comes to, and what is said of it. A config by hand, real sockets and workers."""

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from gateway_harness.controlling import Supervised, run, snapshot, supervised, until
from moongate.compile import AccountsPlan, GuardPlan, Snapshot
from moongate.config import ConfigInvalid, Problem
from moongate.control.accounts.keeper import Accounts
from moongate.control.activation import Notifier
from moongate.control.admin.door import Door
from moongate.control.discovery import Discovery
from moongate.control.reload import Reloader, Running, package_of
from moongate.control.sockets import Sockets
from moongate.control.tokens.keeper import TokenKeys
from moongate.control.watch import stamp_of
from moongate.net.listener import bind
from moongate.observe.counts import Outcomes

TLS = "{bind: '127.0.0.1:0', tls: {certificate: no.pem, key: no.key}}"


class ByHand:
    """A source that holds what a test puts there."""

    def __init__(self) -> None:
        self.stamps = {"none": stamp_of("none")}
        self.next: Snapshot | list[Problem] | Exception = snapshot("http://127.0.0.1:1")

    def load(self, generation: int) -> Snapshot:
        if isinstance(self.next, Exception):
            raise self.next
        if isinstance(self.next, list):
            raise ConfigInvalid(self.next)
        return replace(self.next, generation=generation)


@asynccontextmanager
async def reloading() -> AsyncIterator[tuple[Reloader, ByHand, Supervised]]:
    async with supervised(1) as held:
        source, door = ByHand(), Door(held.journal)
        first = source.load(1)
        package = held.package(first)
        held.sockets.adopt(package.sockets)
        assert await held.supervisor.start(package) == []
        running = Running(
            held.sockets,
            held.supervisor,
            Discovery(held.tasks, held.journal.say),
            Accounts(held.supervisor.tell, held.journal.say),
            TokenKeys(held.supervisor.tell, held.journal.say),
            door,
            Notifier({}),
        )
        yield Reloader(source, running, held.journal, first), source, held
        door.close()


REFUSED = "moongate (generation {0}): reload refused, generation {0} goes on"


def test_every_way_to_end() -> None:
    async def work() -> None:
        async with reloading() as (reloader, source, held):
            results = [(await reloader.reload("a changed")).result]
            source.next = [Problem("f.yaml", 2, 3, "no")]
            refused = await reloader.reload("a changed")
            assert (refused.generation, refused.problems) == (1, (Problem("f.yaml", 2, 3, "no"),))
            source.next = snapshot("http://127.0.0.1:1", 2, TLS)
            results.append((await reloader.reload("a changed")).result)
            with bind("127.0.0.1", 0) as taken:
                where = f"127.0.0.1:{taken.getsockname()[1]}"
                source.next = snapshot("http://127.0.0.1:1", 2, f"{{bind: '{where}'}}")
                results.append((await reloader.reload("a changed")).result)
                source.next = snapshot("http://127.0.0.1:1", more=f"admin: {{bind: '{where}'}}\n")
                results.append((await reloader.reload("a changed")).result)
            source.next = snapshot("http://127.0.0.1:2")
            results.append((await reloader.reload("a changed")).result)
            source.next = snapshot("http://127.0.0.1:3")
            results.append((await reloader.reload("asked")).result)
            assert results == ["unchanged", "refused", "refused", "refused", "served", "served"]
            assert held.said == [
                "moongate (generation 1): a changed, generation 1 serves that already, and goes on",
                REFUSED.format(1),
                "f.yaml:2:3: no",
                REFUSED.format(1),
                "moongate (generation 1): no.pem: no such file in the working directory, or it can not be read",
                REFUSED.format(1),
                f"moongate (generation 1): cannot listen on {where}",
                REFUSED.format(1),
                f"moongate (generation 1): cannot listen on {where}",
                "moongate (generation 2): generation 2 is served (a changed)",
                "moongate (generation 3): generation 3 is served (asked)",
            ]
            assert reloader.results == {"unchanged": 1, "refused": 4, "served": 2}
            assert reloader.last_refused is not None
            assert reloader.last_refused.why == "a changed"
            assert reloader.serving.generation == 3

    run(work())


def test_a_fault_of_ours_costs_one_reload_and_no_later_one() -> None:
    async def work() -> None:
        told: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(str(context["exception"])))
        async with reloading() as (reloader, source, held):
            following = held.tasks.spawn(reloader.follow())
            source.next = RuntimeError("our fault")
            reloader.ask()
            await until(lambda: told, "it is told")
            source.next = snapshot("http://127.0.0.1:2")
            reloader.ask()
            await until(lambda: reloader.serving.generation == 2, "it is followed")
            assert told == ["our fault"]
            following.cancel()

    run(work())


def test_a_reload_without_descriptors_is_refused() -> None:
    async def work() -> None:
        async with reloading() as (reloader, source, held):
            source.next = snapshot("http://127.0.0.1:2")
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
            try:
                outcome = await reloader.reload("a changed")
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            assert outcome.result == "refused"
            assert [each.message for each in outcome.problems] == [
                "worker 1 can not be handed its listeners: Too many open files"
            ]
            assert (await reloader.reload("a changed")).result == "served"
            assert len(held.supervisor.workers) == 1

    run(work())


def test_a_rehearsal_tells_everything_and_changes_nothing() -> None:
    async def work() -> None:
        async with reloading() as (reloader, source, held):
            digest = reloader.serving.digest
            assert (await reloader.rehearse()).result == "unchanged"
            source.next = snapshot("http://127.0.0.1:2")
            outcome = await reloader.rehearse()
            assert (outcome.result, outcome.generation, outcome.digest) == ("ready", 2, source.next.digest)
            source.next = snapshot("http://127.0.0.1:1", 2, TLS)
            outcome = await reloader.rehearse()
            assert outcome.result == "refused"
            assert [each.message for each in outcome.problems] == [
                "no.pem: no such file in the working directory, or it can not be read"
            ]
            assert (reloader.serving.digest, held.said, reloader.results) == (digest, [], {})

    run(work())


def test_nothing_is_done_where_somebody_else_was_faster() -> None:
    async def work() -> None:
        async with reloading() as (reloader, source, _):
            first = reloader.serving.digest
            source.next = snapshot("http://127.0.0.1:2")
            assert (await reloader.reload("a", if_digest=first)).result == "served"
            source.next = snapshot("http://127.0.0.1:3")
            assert (await reloader.reload("b", if_digest=first)).result == "outdated"
            assert (await reloader.rehearse(first)).result == "outdated"
            assert reloader.serving.generation == 2

    run(work())


def test_a_reload_that_makes_requests_fail_is_taken_back_and_not_tried_again_unasked() -> None:
    async def work() -> None:
        async with reloading() as (reloader, source, held):
            good, tally = reloader.serving, held.supervisor.tally
            tally.outcomes = Outcomes(1000, 0, 10)
            await reloader.look_after()
            bad = replace(snapshot("http://127.0.0.1:2"), guard=GuardPlan(30, 0.05, None, 100))
            source.next = bad
            assert (await reloader.reload("a changed")).result == "served"
            tally.outcomes = Outcomes(1099, 0, 60)
            await reloader.look_after()
            assert reloader.serving.generation == 2, "too few to judge"
            tally.outcomes = Outcomes(1200, 0, 60)
            await reloader.look_after()
            assert (reloader.serving.generation, reloader.serving.digest) == (3, good.digest)
            assert held.said[-2:] == [
                "moongate (generation 2): generation 2 is taken back: 25.0% of 200 answers are 5xx, 0.0% were before",
                "moongate (generation 3): generation 3 is what generation 1 was",
            ]
            assert reloader.results["taken_back"] == 1
            assert reloader.last_refused is not None
            assert "25.0%" in reloader.last_refused.problems[0].message
            assert (await reloader.reload("a was touched", is_asked=False)).result == "refused"
            assert (await reloader.reload("asked")).result == "served"
            assert reloader.serving.generation == 4
            source.next = snapshot("http://127.0.0.1:3")
            assert (await reloader.reload("a changed", is_asked=False)).result == "served"
            source.next = bad
            assert (await reloader.reload("a changed back", is_asked=False)).result == "served", "it was insisted on"

    run(work())


def test_workers_are_not_handed_what_is_controls_alone() -> None:
    async def work() -> None:
        async with supervised(1) as held:
            plan = snapshot("http://127.0.0.1:1", more="admin: {bind: '127.0.0.1:0', token: canary-canary-canary}\n")
            package = package_of(plan, held.sockets)
            held.sockets.adopt(package.sockets)
            assert b"canary" not in package.snapshot

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
