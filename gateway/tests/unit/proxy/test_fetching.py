"""What filters ask on behalf of an exchange: of the services it began with, under its id."""

import asyncio
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway_harness.proxying import Proxying, head_of
from gateway_harness.sides import NotingDownstream
from moongate.core.errors import UPSTREAM_PROTOCOL_ERROR
from moongate.core.exchange import Exchange
from moongate.core.fetching import Fetched, FetchFailed, FetchRequest
from moongate.proxy.exchange import ProxyExchange
from moongate.proxy.fetching import Fetcher

ASK = FetchRequest("api", b"GET", b"/ask", b"X-A: 1\r\n", seconds=10.0)


def waiting(proxying: Proxying, peer: str = "192.0.2.7") -> ProxyExchange:
    head = head_of(b"GET / HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n")
    return ProxyExchange(proxying.engine, NotingDownstream(peer), head)


def test_it_asks_for_the_exchange_and_is_given_the_answer() -> None:
    async def work() -> None:
        proxying = Proxying()
        upstream = proxying.offer()
        exchange = waiting(proxying)
        proxying.engine.live = replace(proxying.engine.live, services={})  # a reload that drops the service
        asked = asyncio.ensure_future(Fetcher().fetch(exchange, ASK))
        await asyncio.sleep(0)
        expected = b"GET /ask HTTP/1.1\r\nHost: one.test:81\r\nX-A: 1\r\nX-Request-Id: %b\r\n\r\n" % exchange.id
        assert upstream.sent == expected
        upstream.exchange.response_head(cast("Any", _Head()), b"ok", True)
        assert (await asked).body == b"ok"
        assert upstream.released == 3

    asyncio.run(work())


def test_a_service_that_is_not_there_gives_no_answer() -> None:
    async def work() -> None:
        with pytest.raises(FetchFailed, match="no_such_service"):
            await Fetcher().fetch(waiting(Proxying()), ASK._replace(service="other"))

    asyncio.run(work())


def shared(fetcher: Fetcher, proxying: Proxying, key: bytes = b"k") -> asyncio.Future[Fetched]:
    return asyncio.ensure_future(fetcher.fetch_shared(key, waiting(proxying), ASK))


def test_who_asks_the_same_at_a_time_is_told_the_same() -> None:
    async def work() -> None:
        proxying, fetcher = Proxying(), Fetcher()
        upstream, other = proxying.offer(), proxying.offer(pool=1)
        asked = [shared(fetcher, proxying) for _ in range(3)] + [shared(fetcher, proxying, b"another")]
        await _turns()
        assert upstream.sent.startswith(b"GET /ask")
        for answering, body in ((upstream, b"ok"), (other, b"no")):
            answering.exchange.response_head(cast("Any", _Head()), body, True)
        assert [each.body for each in await asyncio.gather(*asked)] == [b"ok", b"ok", b"ok", b"no"]
        late = proxying.offer()
        asked = [shared(fetcher, proxying)]
        await _turns()
        assert late.sent, "nothing is remembered"
        asked[0].cancel()

    asyncio.run(work())


def test_where_whoever_asked_first_leaves_the_next_one_asks() -> None:
    async def work() -> None:
        proxying, fetcher = Proxying(), Fetcher()
        first, second = proxying.offer(), proxying.offer(pool=1)
        asked = [shared(fetcher, proxying) for _ in range(3)]
        await _turns()
        asked[0].cancel()
        await _turns()
        assert first.calls == ["close"]
        asked[2].cancel()
        await _turns()
        second.exchange.response_head(cast("Any", _Head()), b"ok", True)
        assert (await asked[1]).body == b"ok"

    asyncio.run(work())


def test_a_failure_is_shared_too() -> None:
    async def work() -> None:
        proxying, fetcher = Proxying(), Fetcher()
        upstream = proxying.offer()
        asked = [shared(fetcher, proxying) for _ in range(2)]
        await _turns()
        upstream.exchange.upstream_lost(UPSTREAM_PROTOCOL_ERROR, "bad_te", False)
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert [str(each) for each in found] == ["bad_te", "bad_te"]

    asyncio.run(work())


class PlayedFetcher(Fetcher):
    """Asks nobody: ``open_questions`` wait for what a test answers."""

    def __init__(self) -> None:
        super().__init__()
        self.open_questions: list[asyncio.Future[Fetched]] = []

    async def fetch(self, exchange: Exchange, request: FetchRequest) -> Fetched:
        question = asyncio.get_running_loop().create_future()
        self.open_questions.append(question)
        try:
            return await question
        finally:
            self.open_questions.remove(question)


STEPS = st.lists(st.sampled_from(["ask", "ask", "leave first", "leave last", "answer", "fail"]), max_size=40)


@given(STEPS)
def test_whoever_comes_and_goes_one_question_is_open_and_all_who_stay_are_told(steps: list[str]) -> None:
    async def work() -> None:
        fetcher = PlayedFetcher()
        exchange, asking = waiting(Proxying()), list[asyncio.Future[Fetched]]()
        for step in steps:
            if step == "ask":
                asking.append(asyncio.ensure_future(fetcher.fetch_shared(b"k", exchange, ASK)))
            elif step.startswith("leave") and asking:
                asking.pop(0 if step == "leave first" else -1).cancel()
            elif step in ("answer", "fail") and asking:
                (question,) = fetcher.open_questions
                if step == "answer":
                    question.set_result(Fetched(200, b"", b""))
                else:
                    question.set_exception(FetchFailed("timeout"))
                found = await asyncio.gather(*asking, return_exceptions=True)
                expected = "timeout" if step == "fail" else str(Fetched(200, b"", b""))
                assert {str(each) for each in found} == {expected}
                asking.clear()
            await _turns()
            assert len(fetcher.open_questions) == bool(asking)
            assert len(fetcher._shared) == bool(asking)
        for each in asking:
            each.cancel()
        await _turns()

    asyncio.run(work())


async def _turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_stranger_is_not_believed_about_the_way() -> None:
    lines = Fetcher().forwarded(waiting(Proxying()))
    assert lines == b"X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.test\r\n"


def test_only_exchanges_of_the_proxy_can_be_asked_for() -> None:
    with pytest.raises(AssertionError):
        Fetcher().forwarded(Exchange(b"id", 1, None, "", 0.0))


class _Head:
    status, lines, content_length, keep_alive, idle_seconds = 200, b"", 2, True, 3
