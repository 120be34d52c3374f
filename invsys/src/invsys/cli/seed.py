"""`invsys seed`: something to look at, for a first try and for demonstrations."""

import argparse
import random
from typing import Any

from invsys.cli.running import complain, ready_services, say
from invsys.domain.errors import AllocationConflictError, DuplicateNameError
from invsys.domain.interval import Interval
from invsys.domain.kind import Kind
from invsys.service import allocations, resources
from invsys.service.allocations import AllocationDraft
from invsys.service.resources import ResourceDraft

_HOUR_US = 3_600_000_000
_FLEETS = ("north", "south", "harbour")
_TRIPS = ("airport transfer", "delivery round", "rented out", "driver training", "museum tour")


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subcommands.add_parser("seed", help="add made-up resources and allocations around today")
    parser.add_argument("--resources", type=int, default=30)
    parser.add_argument("--allocations", type=int, default=300)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Seed; refuses to do it twice."""
    chance = random.Random(7)  # noqa: S311 - the same data each time
    with ready_services() as services:
        kinds = [kind for kind in services.kinds.all() if kind.slot is None]
        now = services.clock()

        def work(tx: Any) -> int:
            made = [_resource(tx, kinds[n % len(kinds)], n, now) for n in range(options.resources)]
            weights = [_capacity(n) for n in range(options.resources)]  # a pool of three is booked three times as often
            wanted = chance.choices(made, weights, k=options.allocations) if made else []
            return sum(_allocation(tx, *one, chance, now) for one in wanted)

        try:
            count = services.store.write(work)
        except DuplicateNameError as error:
            complain(f"{error.name!r} is there already: seed an empty inventory")
            return 1
    say(f"{options.resources} resources and {count} allocations added")
    return 0


def _capacity(number: int) -> int:
    return 3 if number % 10 == 9 else 1


def _resource(tx: Any, kind: Kind, number: int, now: int) -> tuple[Kind, str]:
    fleet = _FLEETS[number // 3 % len(_FLEETS)]
    draft = ResourceDraft(name=f"{kind.code} {number // 3 + 1:02}", capacity=_capacity(number), labels={"fleet": fleet})
    return kind, resources.create(tx, kind, draft, now).id


def _allocation(tx: Any, kind: Kind, ident: str, chance: random.Random, now: int) -> bool:
    day = now - now % (24 * _HOUR_US)
    for _ in range(20):
        start = day + chance.randrange(-8 * 24, 12 * 24) * _HOUR_US
        is_maintenance = chance.random() < 0.12
        draft = AllocationDraft(
            interval=Interval(start, start + chance.choice((2, 3, 4, 6, 8, 24, 30, 72)) * _HOUR_US),
            allocation_type="maintenance" if is_maintenance else "booking",
            hold_seconds=86_400 if not is_maintenance and chance.random() < 0.1 else None,
            description="inspection" if is_maintenance else chance.choice(_TRIPS),
        )
        try:
            allocations.create(tx, kind, ident, draft, now)
        except AllocationConflictError:
            continue
        return True
    return False
