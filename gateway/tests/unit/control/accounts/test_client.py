"""Real requests to an accounts that behaves, and to one that does not."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from gateway_harness.accounts_feed import AccountsFeed, Exchange
from gateway_harness.replicas import EPOCH, TOKEN, client_record, public_id
from moongate.control.accounts.answers import AccountsFailed, CutOff, EpochChanged, Nonsense, Refused
from moongate.control.accounts.client import AccountsClient
from moongate.stores.replica import Question

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    Fault = Callable[[Exchange], None]

QUESTION = Question("key", public_id(1))


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> Iterator[AccountsFeed]:
    """Patience is tried by `test_silence_ends`; the others must not fail where the machine is busy."""
    monkeypatch.setattr("moongate.control.accounts.client.ASK_SECONDS", 10.0)
    with AccountsFeed() as feed:
        yield feed


async def snapshot_of(client: AccountsClient) -> list[bytes]:
    return [line async for batch in client.snapshot() for line in batch]


def ask(feed: AccountsFeed | str, question: Callable[[AccountsClient], Awaitable[Any]], token: str = TOKEN) -> Any:
    async def ask() -> Any:
        client = AccountsClient(feed if isinstance(feed, str) else feed.url, token)
        try:
            return await question(client)
        finally:
            await client.close()

    return asyncio.run(ask())


ALL: dict[str, Callable[[AccountsClient], Awaitable[Any]]] = {
    "snapshot": snapshot_of,
    "changes": lambda client: client.changes(EPOCH, 0, 0),
    "ask": lambda client: client.ask(QUESTION),
    "used": lambda client: client.use({"k": 1}),
}
each = pytest.mark.parametrize("name", ALL)


def test_what_is_right(feed: AccountsFeed) -> None:
    feed.client(client_record(1))
    assert ask(feed, snapshot_of) == feed.snapshot_lines()
    changes = ask(feed, ALL["changes"])
    assert (changes.epoch, changes.seq, [each.id for each in changes.changes]) == (EPOCH, 1, ["c1"])
    answer = ask(feed, ALL["ask"])
    assert json.loads(bytes(answer.record)) == client_record(1)
    assert ask(feed, lambda client: client.ask(Question("client", "nobody"))) is None
    assert feed.asked == [{"key": public_id(1)}, {"client": "nobody"}]
    ask(feed, ALL["used"])
    assert feed.used == {"k": 1}


def test_a_large_snapshot_comes_in_batches(feed: AccountsFeed) -> None:
    for number in range(3000):
        feed.records["client", f"c{number}"] = client_record(number)

    async def sizes(client: AccountsClient) -> list[int]:
        return [len(batch) async for batch in client.snapshot()]

    found = ask(feed, sizes)
    assert sum(found) == 3002
    assert max(found) < 2000


def test_a_long_poll_answers_when_something_happens(feed: AccountsFeed) -> None:
    async def poll(client: AccountsClient) -> Any:
        waiting = asyncio.ensure_future(client.changes(EPOCH, 0, 20))
        await asyncio.to_thread(lambda: time.sleep(0.05))
        feed.client(client_record(1))
        return await waiting

    assert ask(feed, poll).seq == 1


@each
def test_nobody_is_there(name: str) -> None:
    with pytest.raises(AccountsFailed, match="cannot be reached"):
        ask("http://127.0.0.1:1", ALL[name])


@each
def test_a_wrong_token(feed: AccountsFeed, name: str) -> None:
    with pytest.raises(Refused) as caught:
        ask(feed, ALL[name], "mgw_" + "x" * 32)
    assert "xxx" not in str(caught.value)


def cut_off(exchange: Exchange) -> None:
    exchange.begin(1000)
    exchange.wfile.write(b'{"epoch": "e1", ')
    exchange.hang_up()


def cut_off_gzip(exchange: Exchange) -> None:
    exchange.send_response(200)
    exchange.send_header("Content-Encoding", "gzip")
    exchange.send_header("Content-Length", "10")
    exchange.end_headers()
    exchange.wfile.write(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03")


def other_coding(exchange: Exchange) -> None:
    exchange.send_response(200)
    exchange.send_header("Content-Encoding", "br")
    exchange.send_header("Content-Length", "1")
    exchange.end_headers()
    exchange.wfile.write(b"x")


def elsewhere(exchange: Exchange) -> None:
    exchange.send_response(302)
    exchange.send_header("Location", "http://127.0.0.1:1/")
    exchange.send_header("Content-Length", "0")
    exchange.end_headers()


def fifty_megabytes(exchange: Exchange) -> None:
    exchange.begin(50 * 1024 * 1024)
    for _ in range(50):
        exchange.wfile.write(b"x" * 1024 * 1024)


FAULTS: dict[str, tuple[Fault, type[AccountsFailed]]] = {
    "no-http": (lambda exchange: exchange.wfile.write(b"SSH-2.0-x\r\n") and exchange.hang_up(), CutOff),
    "hang-up": (lambda exchange: exchange.hang_up(), CutOff),
    "cut-off": (cut_off, CutOff),
    "cut-off-gzip": (cut_off_gzip, CutOff),
    "other-coding": (other_coding, Nonsense),
    "elsewhere": (elsewhere, Nonsense),
    "busy": (lambda exchange: exchange.answer(503, {}), Nonsense),
    "conflict": (lambda exchange: exchange.answer(409, {}), EpochChanged),
    "no-gzip": (lambda exchange: exchange.answer(200, raw=b"\x00", compressed=False), Nonsense),
    "fifty-megabytes": (fifty_megabytes, Nonsense),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ["snapshot", "changes"])
def test_faults(feed: AccountsFeed, name: str, fault: str) -> None:
    feed.faults[name], expected = FAULTS[fault]
    if name == "snapshot" and fault == "no-gzip":
        return  # a snapshot's lines are judged by who takes them
    with pytest.raises(expected):
        ask(feed, ALL[name])


def test_silence_ends(feed: AccountsFeed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moongate.control.accounts.client._ANSWER_SECONDS", 0.1)
    monkeypatch.setattr("moongate.control.accounts.client.ASK_SECONDS", 0.2)
    feed.faults["changes"] = feed.faults["ask"] = lambda exchange: exchange.hang()
    with pytest.raises(AccountsFailed, match="within"):
        ask(feed, ALL["changes"])
    began = time.monotonic()
    with pytest.raises(AccountsFailed, match=r"within 0\.2 s"):
        ask(feed, ALL["ask"])
    assert time.monotonic() - began < 5


def test_a_drip_ends_as_well(feed: AccountsFeed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moongate.control.accounts.client._ANSWER_SECONDS", 0.2)

    def drip(exchange: Exchange) -> None:
        exchange.begin(1000)
        for _ in range(1000):
            exchange.wfile.write(b" ")
            time.sleep(0.02)

    feed.faults["changes"] = drip
    with pytest.raises(AccountsFailed, match="within"):
        ask(feed, ALL["changes"])


def test_a_proxy_in_the_environment_is_none_of_ours(feed: AccountsFeed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert ask(feed, ALL["changes"]).seq == 0
