"""Accounts that come, change and go with the config."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway_harness.accounts_feed import AccountsFeed
from gateway_harness.controlling import until
from gateway_harness.replicas import TOKEN, client_record
from moongate.compile import AccountsPlan
from moongate.control.accounts.keeper import Accounts
from moongate.control.accounts.place import PlaceInvalid
from moongate.worker import messages


def plan_for(url: str, directory: Path) -> AccountsPlan:
    return AccountsPlan(url, TOKEN, 900.0, str(directory / "replica.sqlite"))


def test_without_accounts_nothing_runs_and_nobody_waits() -> None:
    async def keep() -> None:
        told: list[messages.ReplicaOrder] = []
        accounts = Accounts(told.append, print)
        accounts.judge(None)
        await accounts.follow(None)
        accounts.greet(told.append)
        assert told == []
        assert accounts.following is None
        accounts.heard(messages.ReplicaQuestion("key", "k"), told.append)
        accounts.heard(messages.ReplicaUsed({"k": 1}), told.append)
        assert told == [messages.ReplicaAnswer("key", "k", None)]
        await accounts.close()

    asyncio.run(keep())


def locks_of(path: Path) -> list[str]:
    """The kernel's lines about locks on this file."""
    inode = path.stat().st_ino
    return [line for line in Path("/proc/locks").read_text().splitlines() if f":{inode} " in line]


def test_a_config_that_changes(tmp_path: Path) -> None:
    async def keep() -> None:
        told: list[messages.ReplicaOrder] = []
        said: list[str] = []
        accounts = Accounts(told.append, said.append)
        with AccountsFeed() as one, AccountsFeed() as other:
            one.client(client_record(1))
            await accounts.follow(plan_for(one.url, tmp_path))
            first = accounts.following
            await until(lambda: any(isinstance(each, messages.ReplicaContact) for each in told), "contact")
            await accounts.follow(plan_for(one.url, tmp_path))
            assert accounts.following is first  # the same goes on

            late: list[messages.ReplicaOrder] = []
            accounts.greet(late.append)
            assert isinstance(late[0], messages.ReplicaOpened)

            accounts.judge(plan_for(other.url, tmp_path))
            assert locks_of(tmp_path / "replica.sqlite"), "judging drops no lock"
            await accounts.follow(plan_for(other.url, tmp_path))
            await until(lambda: other.heard.get("changes"), "the other is followed")
            assert any("another accounts" in line for line in said)
            accounts.heard(messages.ReplicaQuestion("client", "nobody"), told.append)
            await until(lambda: accounts.questions == 1, "it is counted")
            await accounts.follow(None)
            assert told[-1] == messages.ReplicaClosed()
            assert accounts.questions == 1
        await accounts.close()

    asyncio.run(asyncio.wait_for(keep(), 30))


def test_nobody_serves_what_is_followed_no_more(tmp_path: Path) -> None:
    async def keep() -> None:
        told: list[messages.ReplicaOrder] = []
        accounts = Accounts(told.append, lambda _: None)
        with AccountsFeed() as one, AccountsFeed() as other:
            await accounts.follow(plan_for(one.url, tmp_path))
            await until(lambda: any(isinstance(each, messages.ReplicaOpened) for each in told), "a snapshot")
            (tmp_path / "other").touch()  # since it was judged
            with pytest.raises(PlaceInvalid):
                await accounts.follow(plan_for(other.url, tmp_path / "other"))
            assert told[-1] == messages.ReplicaClosed()
        await accounts.close()

    asyncio.run(asyncio.wait_for(keep(), 30))


def test_a_place_that_is_none_is_said_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "replica.sqlite").mkdir()
    with pytest.raises(PlaceInvalid, match="cannot keep the replica of accounts in"):
        Accounts(lambda _: None, print).judge(plan_for("http://127.0.0.1:1", tmp_path))
