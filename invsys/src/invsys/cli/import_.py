"""`invsys import resources|allocations FILE`: many lines of CSV or JSON Lines at once."""

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError
from tqdm import tqdm

from invsys.bootstrap.wiring import Services
from invsys.cli.lines import Line, read_lines
from invsys.cli.running import complain, ready_services, say
from invsys.domain.errors import (
    AllocationConflictError,
    DuplicateNameError,
    InvalidValueError,
    InventoryError,
    NotFoundError,
    StateConflictError,
)
from invsys.domain.kind import Kind
from invsys.domain.names import normal
from invsys.domain.resource import ResourceStatus
from invsys.service.allocations import AllocationDraft
from invsys.service.imports import AllocationLine, LineError, ResourceLine, import_allocations, import_resources
from invsys.service.ports import Transaction
from invsys.service.resources import ResourceDraft
from invsys.web.schemas import AllocationIn, ResourceIn
from servicekit.core.errors import ServiceError
from servicekit.web.problems import RefusalError, body_errors

BATCH = 1000
"""Lines in one transaction: enough that commits do not count, few enough that writers beside us do not starve."""
SHOWN = 100
"""Errors that are printed; all are counted."""


class _DryRunError(Exception):
    """Ends the one transaction of a dry run, so that nothing of it stays."""


class Import:
    """One run: what was good, what was not."""

    def __init__(self, services: Services, what: str) -> None:
        self._services = services
        self._kinds = {name: kind for kind in services.kinds.all() for name in (kind.code, kind.plural)}
        self._parse: Callable[[int, dict[str, Any]], Any] = self._resource if what == "resources" else self._allocation
        self._store: Callable[[Transaction, Any, int], list[LineError]] = (
            import_resources if what == "resources" else import_allocations
        )
        self.good = 0
        self.errors: list[tuple[int, str]] = []
        self.reached = 0

    def run(self, lines: Iterable[Line]) -> None:
        """Batch by batch, each in a transaction of its own; lines up to `reached` are dealt with."""
        for batch in _batches(lines):
            parsed, errors = self._parsed(batch)
            refused = self._services.store.write(partial(self._put, parsed=parsed))
            self._count(parsed, errors, refused)
            self.reached = batch[-1][0]

    def rehearse(self, lines: Callable[[], Iterable[Line]]) -> None:
        """Everything in one transaction, which is then undone."""

        def work(tx: Transaction) -> None:
            self.good, self.errors = 0, []
            for batch in _batches(lines()):
                parsed, errors = self._parsed(batch)
                self._count(parsed, errors, self._put(tx, parsed))
            raise _DryRunError

        try:
            self._services.store.write(work)
        except _DryRunError:
            pass

    def _put(self, tx: Transaction, parsed: Sequence[Any]) -> list[LineError]:
        return self._store(tx, parsed, self._services.clock())

    def _count(self, parsed: Sequence[Any], errors: list[tuple[int, str]], refused: list[LineError]) -> None:
        self.good += len(parsed) - len(refused)
        self.errors += sorted([*errors, *((one.number, describe(one.error)) for one in refused)])

    def _parsed(self, batch: Sequence[Line]) -> tuple[list[Any], list[tuple[int, str]]]:
        parsed, errors = [], []
        for number, members in batch:
            try:
                if isinstance(members, RefusalError):
                    raise members
                parsed.append(self._parse(number, members))
            except ValidationError as error:
                found = body_errors(error)[0]
                errors.append((number, f"{found['pointer'].lstrip('/')}: {found['detail']}"))
            except RefusalError as error:
                errors.append((number, error.detail))
            except InventoryError as error:
                errors.append((number, describe(error)))
        return parsed, errors

    def _kind(self, members: dict[str, Any]) -> Kind:
        if "resource_type" not in members:
            seen = ", ".join(members)[:80]
            raise InvalidValueError("resource_type", "missing", f"is missing: there is only {seen!r}")
        name = members.pop("resource_type")
        if not isinstance(name, str) or name not in self._kinds:
            raise InvalidValueError("resource_type", "unknown_kind", f"names no kind: {str(name)[:80]!r}")
        return self._kinds[name]

    def _resource(self, number: int, members: dict[str, Any]) -> ResourceLine:
        kind = self._kind(members)
        body = ResourceIn.model_validate(members)
        status = ResourceStatus(body.status)
        draft = ResourceDraft(body.name, status, body.capacity, dict(body.attributes), dict(body.labels))
        return ResourceLine(number, kind, draft)

    def _allocation(self, number: int, members: dict[str, Any]) -> AllocationLine:
        kind = self._kind(members)
        name = members.pop("resource_name", None)
        if not isinstance(name, str):
            raise InvalidValueError("resource_name", "missing", "must name a resource")
        body = AllocationIn.model_validate(members)
        draft = AllocationDraft(
            body.interval(), body.allocation_type, body.quantity, body.hold_seconds, body.description, body.dump
        )
        return AllocationLine(number, kind, normal(name), draft)


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subcommands.add_parser("import", help="add resources or allocations from CSV or JSON Lines")
    parser.add_argument("what", choices=("resources", "allocations"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--format", choices=("csv", "jsonl"), help="default: csv for a name that ends so, else jsonl")
    parser.add_argument("--dry-run", action="store_true", help="check every line and write nothing")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Import; each bad line is told with its number, the good ones go in. 1 when there was a bad one."""
    form = options.format or ("csv" if options.file.suffix == ".csv" else "jsonl")
    with ready_services() as services:
        job = Import(services, options.what)
        try:
            if options.dry_run:
                job.rehearse(lambda: _watched(options.file, form))
            else:
                job.run(_watched(options.file, form))
        except OSError as error:
            complain(f"{options.file} cannot be read: {error.strerror}")
            _tell_cut_off(options, job)
            return 1
        except (ServiceError, KeyboardInterrupt):
            _tell_cut_off(options, job)
            raise
    _tell_errors(options, job)
    done = "would be imported, nothing was written" if options.dry_run else "imported"
    say(f"{job.good} {options.what} {done}, {len(job.errors)} lines refused")
    return 1 if job.errors else 0


def _tell_errors(options: argparse.Namespace, job: Import) -> None:
    for number, text in job.errors[:SHOWN]:
        complain(f"{options.file}:{number}: {text}")
    if len(job.errors) > SHOWN:
        complain(f"and {len(job.errors) - SHOWN} more")


def _tell_cut_off(options: argparse.Namespace, job: Import) -> None:
    """Where to go on: what was imported twice would be allocated twice, where there is room."""
    if job.reached:
        _tell_errors(options, job)
        done = f"{job.good} {options.what} imported, {len(job.errors)} lines refused"
        complain(f"cut off after line {job.reached}: {done}; import what follows it")


def describe(error: InventoryError) -> str:
    """A refusal in a sentence."""
    match error:
        case InvalidValueError():
            return f"{error.field}: {error.detail}"
        case NotFoundError():
            return f"there is no {error.what} {error.ident!r} here"
        case DuplicateNameError():
            return f"another {error.kind} is named {error.name!r}: choose another name"
        case AllocationConflictError() | StateConflictError():
            return error.detail
    return str(error)


def _watched(path: Path, form: str) -> Iterator[Line]:
    """The lines of a file, with a progress bar on a terminal."""
    with path.open("rb") as source, tqdm(total=path.stat().st_size, unit="B", unit_scale=True, disable=None) as bar:
        yield from read_lines(_Counted(source, bar), form)  # type: ignore[arg-type]


class _Counted:
    """A file that moves the bar by what is read."""

    def __init__(self, source: BinaryIO, bar: Any) -> None:
        self._source, self._bar = source, bar

    def readline(self, limit: int) -> bytes:
        data = self._source.readline(limit)
        self._bar.update(len(data))
        return data


def _batches(lines: Iterable[Line]) -> Iterator[list[Line]]:
    lines = iter(lines)
    while batch := list(islice(lines, BATCH)):
        yield batch
