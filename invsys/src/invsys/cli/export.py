"""`invsys export resources|allocations`: everything there is, as lines that `invsys import` takes."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from tqdm import tqdm

from invsys.bootstrap.wiring import Services
from invsys.cli.lines import line_writer
from invsys.cli.running import complain, ready_services
from invsys.domain.allocation import Allocation
from invsys.domain.kind import Kind
from invsys.domain.resource import Resource
from invsys.service import resources
from invsys.service.ports import AllocationQuery, ResourceQuery, Transaction
from invsys.service.snapshots import allocation_snapshot, resource_snapshot
from servicekit.core.values import Position

PAGE = 500
RESOURCE_COLUMNS = ("resource_type", "name", "status", "capacity", "attributes", "labels")
ALLOCATION_COLUMNS = (
    "resource_type",
    "resource_name",
    "from_datetime",
    "to_datetime",
    "from_infinity",
    "to_infinity",
    "quantity",
    "allocation_type",
    "description",
    "dump",
)


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subcommands.add_parser("export", help="write resources or live allocations as CSV or JSON Lines")
    parser.add_argument("what", choices=("resources", "allocations"))
    parser.add_argument("--format", choices=("csv", "jsonl"), default="jsonl")
    parser.add_argument("--output", type=Path, help="default: standard output")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Export, page by page: memory does not grow with the data. Holds are nobody's yet and are left out."""
    with ready_services() as services:
        try:
            if options.output is None:
                _write(services, options.what, options.format, sys.stdout)
            else:
                with options.output.open("w", encoding="utf-8", newline="") as target:
                    _write(services, options.what, options.format, target)
        except OSError as error:
            if options.output is None:
                raise
            complain(f"{options.output} cannot be written: {error.strerror}")
            return 1
    return 0


def _write(services: Services, what: str, form: str, target: TextIO) -> None:
    columns = RESOURCE_COLUMNS if what == "resources" else ALLOCATION_COLUMNS
    write = line_writer(target, form, columns)
    kinds = services.kinds.all()
    total = services.store.read(lambda tx: sum(tx.resources.count(kind.code) for kind in kinds))
    with tqdm(total=total, unit=" resources", disable=None) as bar:
        for resource in (resource for kind in kinds for resource in _resources(services, kind)):
            for members in _lines(services, what, resource):
                write({name: members[name] for name in columns})
            bar.update()


def _lines(services: Services, what: str, resource: Resource) -> Iterator[dict[str, Any]]:
    if what == "resources":
        yield resource_snapshot(resource)
        return
    after: Position | None = None
    while True:
        query = AllocationQuery(resource.id, PAGE, after=after)
        page = services.store.read(partial(_allocation_page, query=query))
        for allocation in page:
            if allocation.hold_expires is None:
                yield {**allocation_snapshot(allocation), "resource_name": resource.name}
        if len(page) < PAGE:
            return
        after = Position(None, page[-1].id)


def _resources(services: Services, kind: Kind) -> Iterator[Resource]:
    after: Position | None = None
    while True:
        query = ResourceQuery(kind.code, PAGE, after=after)
        page = services.store.read(partial(resources.page, query=query))
        yield from page
        if len(page) < PAGE:
            return
        after = Position(None, page[-1].id)


def _allocation_page(tx: Transaction, query: AllocationQuery) -> Sequence[Allocation]:
    return tx.allocations.page(query)
