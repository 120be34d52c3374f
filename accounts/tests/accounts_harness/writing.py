"""One of many writers: changes clients, keys, grants and roles at random, one record of the feed at a time.

    python -m accounts_harness.writing SEED CHANGES [COUNTER_FILE]

Settings come from the environment. With COUNTER_FILE the numbers of changes are drawn there before the transaction
begins, as from a sequence of a database, so that commits overtake each other: the proof that a follower would notice.
"""

import fcntl
import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import case, update

from accounts.adapters import feed_rows
from accounts.adapters.tables import feed
from accounts.bootstrap.settings import load_settings
from accounts.bootstrap.wiring import Services, build_services
from accounts.domain.errors import AccountsError
from accounts.domain.grant import Grant
from accounts.service import clients, grants, keys, roles
from accounts.service.clients import ClientDraft
from accounts.service.keys import KeyDraft
from accounts.service.ports import ClientQuery, Transaction
from servicekit.core.errors import StoreUnavailableError
from servicekit.core.values import ANY, Origin

SHARED = 8
"""Clients that every writer changes: the first ones of the database."""


def write(services: Services, seed: int, changes: int, begin: Callable[[], None]) -> None:
    """Make so many changes."""
    chance = random.Random(seed)
    mine: list[str] = []
    done = 0
    while done < changes:
        shared = services.store.read(lambda tx: tx.clients.page(ClientQuery(SHARED)))
        work = draw(services, chance, mine, [client.id for client in shared])
        try:
            begin()
            done += services.store.write(lambda tx, work=work: tell(tx, work), Origin(actor=f"writer {seed}"))
        except (AccountsError, StoreUnavailableError):
            continue


def tell(tx: Any, work: Callable[[Transaction], object]) -> int:
    """How many changes the work made: none where a rival was first."""
    work(tx)
    count: int = tx.feed.mark()
    return count


def draw(
    services: Services, chance: random.Random, mine: list[str], shared: list[str]
) -> Callable[[Transaction], object]:
    """One change at random, of one record."""
    number, now = chance.getrandbits(60), services.clock()
    act = chance.choice(["client", "label", "key", "revoke", "grant", "ungrant", "role", "close"])
    if act == "client" or not mine:
        return lambda tx: mine.append(clients.create(tx, ClientDraft(f"client {number}"), now).id)
    ident = chance.choice(shared if chance.random() < 0.5 else mine)
    pepper = services.peppers.current()

    def revoke(tx: Transaction) -> Any:
        found = [key for key in tx.keys.of_client(ident) if key.is_live(now)]
        if found:
            return keys.revoke(tx, (ident, found[0].id), ANY, now)
        return keys.create(tx, ident, KeyDraft("key"), pepper, now)

    def ungrant(tx: Transaction) -> Any:
        found = tx.grants.of_client(ident)
        if found:
            return grants.remove(tx, ident, found[0].id)
        return grants.create(tx, ident, Grant(f"a/{number}", ("read",)), now)

    def close(tx: Transaction) -> None:
        clients.close(tx, mine[0], ANY, now)
        del mine[0]

    works: dict[str, Callable[[Transaction], object]] = {
        "label": lambda tx: clients.change(tx, ident, {"labels": {"n": f"{number}"}}, ANY),
        "key": lambda tx: keys.create(tx, ident, KeyDraft("key"), pepper, now),
        "revoke": revoke,
        "grant": lambda tx: grants.create(tx, ident, Grant(f"a/{number}", ("read",)), now),
        "ungrant": ungrant,
        "role": lambda tx: roles.create(tx, f"role-{number}", (Grant(f"a/{number}", ("read",)),), now),
        "close": close,
    }
    return works[act]


class Overtaking:
    """Numbers as a sequence gives them: drawn early, whatever the order of the commits."""

    def __init__(self, file: Path, chance: random.Random) -> None:
        self._file = file
        self._chance = chance
        self._drawn = 0

    def begin(self) -> None:
        """Draw the number of the transaction that is about to begin, unless the last one is left, and dawdle."""
        if self._drawn:
            return
        with self._file.open("r+") as counter:
            fcntl.flock(counter, fcntl.LOCK_EX)
            self._drawn = int(counter.read()) + 1
            counter.seek(0)
            counter.write(f"{self._drawn}")
        time.sleep(self._chance.uniform(0, 0.02))

    def take(self, connection: Any, count: int) -> int:
        """In place of servicekit's numbers."""
        assert count == 1
        larger = case((feed.c.last_seq < self._drawn, self._drawn), else_=feed.c.last_seq)
        connection.execute(update(feed).values(last_seq=larger))
        taken, self._drawn = self._drawn, 0
        return taken


def main() -> None:
    """Run one writer."""
    seed, changes = int(sys.argv[1]), int(sys.argv[2])
    services = build_services(replace(load_settings(os.environ), threads=2))
    begin: Callable[[], None] = lambda: None  # noqa: E731
    if len(sys.argv) > 3:
        overtaking = Overtaking(Path(sys.argv[3]), random.Random(seed))
        feed_rows._NUMBERS.take = overtaking.take  # type: ignore[method-assign]
        begin = overtaking.begin
    write(services, seed, changes, begin)
    services.close()


if __name__ == "__main__":
    main()
