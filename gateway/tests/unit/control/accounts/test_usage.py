"""The use of keys is told once, in batches, and waits for accounts within bounds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from moongate.control.accounts.answers import AccountsFailed
from moongate.control.accounts.usage import MAX_BATCH, MAX_KEYS, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Ledger:
    def __init__(self) -> None:
        self.told: list[dict[str, int]] = []
        self.is_down = False
        self.meanwhile: Callable[[], None] = lambda: None

    async def use(self, keys: Mapping[str, int]) -> None:
        if self.is_down:
            raise AccountsFailed("is down")
        self.meanwhile()
        self.told.append(dict(keys))


def test_several_workers_one_time() -> None:
    ledger = Ledger()
    usage = Usage(ledger)
    usage.note({"a": 5, "b": 7})
    usage.note({"a": 4, "b": 9})
    asyncio.run(usage.tell())
    asyncio.run(usage.tell())
    assert ledger.told == [{"a": 5, "b": 9}]


def test_what_is_not_taken_waits_and_nothing_grows_without_end() -> None:
    ledger = Ledger()
    ledger.is_down = True
    usage = Usage(ledger)
    usage.note({f"k{number}": 1 for number in range(MAX_KEYS + 100)})
    asyncio.run(usage.tell())
    usage.note({"k0": 2, "late": 2})
    ledger.is_down = False
    asyncio.run(usage.tell())
    assert [len(batch) for batch in ledger.told] == [MAX_BATCH] * (MAX_KEYS // MAX_BATCH)
    assert ledger.told[0]["k0"] == 2
    assert "late" not in ledger.told[-1]


def test_a_key_that_is_used_while_it_is_told_is_told_again() -> None:
    ledger = Ledger()
    usage = Usage(ledger)
    usage.note({"a": 1})

    def use_again() -> None:
        ledger.meanwhile = lambda: None
        usage.note({"a": 2})

    ledger.meanwhile = use_again
    asyncio.run(usage.tell())
    assert ledger.told == [{"a": 1}, {"a": 2}]
