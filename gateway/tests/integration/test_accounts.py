"""Clients come from accounts, and accounts may hang, die, lie and come back: what a caller sees of it."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from contextlib import ExitStack, contextmanager
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

import pytest

from gateway_harness import replicas
from gateway_harness.accounts_feed import AccountsFeed, Exchange
from gateway_harness.gateway_process import GatewayProcess, one_service, running_gateway
from gateway_harness.origin import ScriptedOrigin, serve_ok
from gateway_harness.polling import eventually
from gateway_harness.replicas import TOKEN, api_key, b64, client_item, client_record, key_record, public_id
from moongate.control.accounts import moment
from moongate.control.accounts.moment import Moment
from moongate.control.accounts.store import ReplicaStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway_harness.raw_client import RawClient

KNOWN, REVOKED, UNKNOWN = 1, 2, 3
WRONG = api_key(public_id(KNOWN))[:-1] + b"!"
ADDRESSES = map(IPv4Address, itertools.count(0x0A00_0000))


def config(accounts: str, origin: ScriptedOrigin, directory: Path, max_stale: str = "15m") -> str:
    (directory / "token").write_text(TOKEN)
    (directory / "token").chmod(0o600)
    return (
        "trusted_proxies: [127.0.0.1]\n"
        f"accounts: {{url: '{accounts}', token: '${{file:token}}', max_stale: {max_stale},"
        f" replica: {directory}/var/replica.sqlite}}\n"
    ) + one_service(origin.url, route=", filters: [authenticate]")


def fill(feed: AccountsFeed) -> None:
    feed.client(client_record(KNOWN))
    feed.client(client_record(REVOKED, keys=[key_record(public_id(REVOKED), revoked_at=1)]))


def status(client: RawClient, key: bytes | int) -> int:
    text = key if isinstance(key, bytes) else api_key(public_id(key))
    # From an address of its own: one may show a few wrong keys, and is then told to wait.
    response = client.request("GET", "/", f"X-API-Key: {text.decode()}", f"X-Forwarded-For: {next(ADDRESSES)}")
    if response.status == 503:
        assert response.code == "dependency_unavailable"
        assert response.value("retry-after") is not None
    return response.status


def row(client: RawClient) -> tuple[int, ...]:
    """What the table says for: known and valid, known and revoked, unknown, malformed."""
    return tuple(status(client, key) for key in (KNOWN, REVOKED, UNKNOWN, WRONG))


@contextmanager
def gateway_for(feed: AccountsFeed | str, directory: Path, workers: int = 2, **more: Any) -> Iterator[GatewayProcess]:
    url = feed if isinstance(feed, str) else feed.url
    with (
        ScriptedOrigin(serve_ok) as origin,
        running_gateway(directory, config(url, origin, directory, **more), workers=workers) as gateway,
    ):
        yield gateway


def wait_fresh(gateway: GatewayProcess) -> None:
    with gateway.connect() as client:
        eventually(lambda: status(client, KNOWN) == 200, "the replica is there")


def test_fresh_and_then_silent_and_then_back(tmp_path: Path) -> None:
    """Silence is what a stopped process, a lost network and a lock that nobody lets go look like."""
    with AccountsFeed() as feed:
        fill(feed)
        with gateway_for(feed, tmp_path) as gateway, gateway.connect() as client:
            eventually(lambda: status(client, KNOWN) == 200, "the replica is there")
            assert row(client) == (200, 401, 401, 401)
            assert "ask" not in feed.heard

            feed.faults["changes"] = feed.faults["ask"] = Exchange.hang
            eventually(lambda: row(client) == (200, 401, 503, 401), "stale, and accounts down", 30)

            del feed.faults["ask"]  # it answers, and only the feed is lost
            eventually(lambda: row(client) == (200, 401, 401, 401), "stale, and accounts answers")
            asked = feed.heard["ask"]
            assert row(client) == (200, 401, 401, 401)
            assert feed.heard["ask"] == asked  # no is remembered
            feed.client(client_record(4))
            assert status(client, 4) == 200

            del feed.faults["changes"]
            with feed.changed:
                feed.restart("e2")
            feed.put("client", f"c{KNOWN}", None)
            eventually(lambda: row(client) == (401, 401, 401, 401), "another epoch is taken up", 30)
            assert status(client, 4) == 200
            gateway.wait_said("another history")


def leave_replica(directory: Path, url: str, seconds: float) -> None:
    """What a gateway leaves that heard accounts so many seconds ago."""
    store = ReplicaStore(str(directory / "var" / "replica.sqlite"), url, TOKEN)
    revoked = client_item(REVOKED, keys=[key_record(public_id(REVOKED), revoked_at=1)])
    replicas.fill(store, client_item(KNOWN), revoked)
    now = moment.current()
    store.touch(Moment(now.wall - seconds, now.monotonic - seconds, now.boot))
    store.close()


@pytest.mark.parametrize(("seconds", "expected"), [(880, (200, 401, 503, 401)), (901, (503, 401, 503, 401))])
def test_a_start_while_accounts_is_dead(tmp_path: Path, seconds: float, expected: tuple[int, ...]) -> None:
    """The first request that it takes is served; fifteen minutes after accounts was heard, none is any more."""
    dead = "http://127.0.0.1:1"
    leave_replica(tmp_path, dead, seconds)
    with gateway_for(dead, tmp_path) as gateway, gateway.connect() as client:
        assert row(client) == expected


def test_a_wrong_token_is_said_once_and_nobody_is_refused_for_it(tmp_path: Path) -> None:
    with AccountsFeed(token="mgw_" + "x" * 32) as feed, gateway_for(feed, tmp_path) as gateway:
        with gateway.connect() as client:
            assert row(client) == (503, 503, 503, 401)
        eventually(lambda: gateway.said("accounts gateway create"), "it is said")
        assert len([line for line in gateway.stderr if "accounts gateway create" in line]) == 1
        assert not gateway.said(TOKEN)


def test_a_place_that_is_none_is_said_before_anything_listens(tmp_path: Path) -> None:
    (tmp_path / "var" / "replica.sqlite").mkdir(parents=True)
    with ScriptedOrigin(serve_ok) as origin:
        gateway = GatewayProcess(tmp_path, config("http://127.0.0.1:1", origin, tmp_path))
        assert gateway.wait_end() == 1
    gateway.wait_said("cannot keep the replica of accounts in")
    assert not gateway.said("Traceback")


def test_accounts_that_come_with_a_reload_and_a_worker_that_is_replaced(tmp_path: Path) -> None:
    with AccountsFeed() as feed, ScriptedOrigin(serve_ok) as origin:
        fill(feed)
        open_to_all = one_service(origin.url)
        with running_gateway(tmp_path, open_to_all, workers=2) as gateway, gateway.connect() as client:
            assert client.request("GET", "/").status == 200
            gateway.write_config(config(feed.url, origin, tmp_path))
            eventually(lambda: status(client, UNKNOWN) == 401, "accounts are followed")
            assert row(client) == (200, 401, 401, 401)
            first = gateway.workers()
            for pid in first:
                os.kill(pid, signal.SIGKILL)
            eventually(lambda: len(set(gateway.workers()) - set(first)) == 2, "they are replaced", 30)
            eventually(lambda: serves(gateway), "they serve")
            with gateway.connect() as other:
                assert row(other) == (200, 401, 401, 401)


def serves(gateway: GatewayProcess) -> bool:
    try:
        with gateway.connect() as client:
            return status(client, KNOWN) == 200
    except OSError:
        return False


def test_what_is_revoked_is_refused_by_every_worker(tmp_path: Path) -> None:
    with AccountsFeed() as feed, ExitStack() as stack:
        for number in range(4):
            feed.client(client_record(number))
        gateway = stack.enter_context(gateway_for(feed, tmp_path))
        wait_fresh(gateway)
        clients = [stack.enter_context(gateway.connect()) for _ in range(8)]  # on both workers, but for 1 in 128

        def seen(number: int) -> set[int]:
            return {status(client, number) for client in clients}

        assert [seen(number) for number in range(4)] == [{200}] * 4
        feed.client(client_record(0, keys=[key_record(public_id(0), revoked_at=1)]))
        eventually(lambda: seen(0) == {401}, "the key is refused")
        feed.client(client_record(1, status="suspended"))
        eventually(lambda: seen(1) == {401}, "the client is refused")
        feed.put("client", "c2", None)
        eventually(lambda: seen(2) == {401}, "it is unknown")
        assert seen(3) == {200}
        feed.put("pepper", "1", {"version": 1, "secret": b64(bytes(32))})
        eventually(lambda: seen(3) == {401}, "its pepper is another one")


@pytest.mark.slow
def test_a_thousand_revocations_while_requests_run(tmp_path: Path) -> None:
    """No request that begins a second after a revocation was acknowledged is served by any worker."""
    count = 1000
    acknowledged: dict[int, float] = {}
    late: list[float] = []
    is_over = threading.Event()

    def call(gateway: GatewayProcess, first: int) -> None:
        number = first
        with gateway.connect() as client:
            while not is_over.is_set():
                number = (number + 7) % count
                began = time.monotonic()
                known_since = acknowledged.get(number)
                if status(client, number) == 200 and known_since is not None:
                    late.append(began - known_since)

    with AccountsFeed() as feed:
        for number in range(count):
            feed.client(client_record(number))
        with gateway_for(feed, tmp_path) as gateway:
            wait_fresh(gateway)
            callers = [threading.Thread(target=call, args=(gateway, 100 * index)) for index in range(6)]
            for caller in callers:
                caller.start()
            for number in range(count):
                feed.client(client_record(number, keys=[key_record(public_id(number), revoked_at=1)]))
                acknowledged[number] = time.monotonic()
                time.sleep(0.002)
            is_over.wait(1.5)
            is_over.set()
            for caller in callers:
                caller.join()
            with gateway.connect() as client:
                assert {status(client, number) for number in range(0, count, 50)} == {401}
    assert max(late, default=0.0) < 1.0
