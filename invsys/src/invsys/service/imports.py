"""Many resources or allocations at once, line by line: what is good goes in, what is not is told with its number."""

from collections.abc import Sequence
from dataclasses import dataclass

from invsys.domain.errors import DuplicateNameError, InventoryError, NotFoundError
from invsys.domain.interval import Interval
from invsys.domain.kind import Kind
from invsys.domain.resource import Resource
from invsys.service import allocations, resources
from invsys.service.allocations import AllocationDraft
from invsys.service.buffered import BufferedTransaction
from invsys.service.ports import Transaction
from invsys.service.resources import ResourceDraft
from invsys.service.snapshots import resource_snapshot


@dataclass(frozen=True, slots=True)
class ResourceLine:
    """A resource that line `number` asks for."""

    number: int
    kind: Kind
    draft: ResourceDraft


@dataclass(frozen=True, slots=True)
class AllocationLine:
    """An allocation that line `number` asks for, of the resource of that name."""

    number: int
    kind: Kind
    resource_name: str
    draft: AllocationDraft


@dataclass(frozen=True, slots=True)
class LineError:
    """Why a line did not go in."""

    number: int
    error: InventoryError


def import_resources(tx: Transaction, lines: Sequence[ResourceLine], now: int) -> list[LineError]:
    """Add what the lines ask for, in a few statements for all of them; return the lines that were refused."""
    errors: list[LineError] = []
    wanted = []
    taken = {kind: tx.resources.taken(kind, names) for kind, names in _names(lines).items()}
    for line in lines:
        try:
            if line.draft.name in taken[line.kind.code]:
                raise DuplicateNameError(line.kind.code, line.draft.name)
            wanted.append((line, resources.draft_resource(line.kind, line.draft, now)))
            taken[line.kind.code].add(line.draft.name)
        except InventoryError as error:
            errors.append(LineError(line.number, error))
    if not tx.resources.add_many([resource for _, resource in wanted]):
        # Somebody took one of the names since we asked: find out which, one by one.
        fresh = [(line, resource) for line, resource in wanted if tx.resources.add(resource)]
        lost = [line for line, resource in wanted if (line, resource) not in fresh]
        errors += [LineError(line.number, DuplicateNameError(line.kind.code, line.draft.name)) for line in lost]
        wanted = fresh
    for _, resource in wanted:
        tx.changes.record("resource.created", resource, None, resource_snapshot(resource))
    return errors


def import_allocations(tx: Transaction, lines: Sequence[AllocationLine], now: int) -> list[LineError]:
    """Make the allocations that the lines ask for, each checked like one that is asked for alone.

    Resources are claimed in one order, each once, so that two imports never wait for each other.
    """
    named = {kind: tx.resources.by_names(kind, names) for kind, names in _names(lines).items()}
    found = {one.id: one.kind for resources_ in named.values() for one in resources_.values()}
    claimed = {ident: _claimed(tx, found[ident], ident, now) for ident in sorted(found)}
    names = {(one.kind, one.name): one for one in claimed.values() if one is not None}
    targets = [names.get((line.kind.code, line.resource_name)) for line in lines]
    buffered = BufferedTransaction(tx, _windows(lines, targets))
    errors: list[LineError] = []
    for line, target in zip(lines, targets, strict=True):
        try:
            if target is None:
                raise NotFoundError("resource", line.resource_name)
            allocations.create_claimed(buffered, line.kind, target, line.draft, now)
        except InventoryError as error:
            errors.append(LineError(line.number, error))
    buffered.flush()
    return errors


def _names(lines: Sequence[ResourceLine | AllocationLine]) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    for line in lines:
        name = line.draft.name if isinstance(line, ResourceLine) else line.resource_name
        names.setdefault(line.kind.code, set()).add(name)
    return names


def _claimed(tx: Transaction, kind: str, ident: str, now: int) -> Resource | None:
    try:
        return resources.claim(tx, kind, ident, now)
    except NotFoundError:  # decommissioned since we looked it up
        return None


def _windows(lines: Sequence[AllocationLine], targets: Sequence[Resource | None]) -> dict[str, Interval]:
    """From the first to the last instant that the lines want of each resource."""
    windows: dict[str, Interval] = {}
    for line, target in zip(lines, targets, strict=True):
        if target is not None:
            wanted = line.draft.interval
            known = windows.get(target.id, wanted)
            windows[target.id] = Interval(min(known.start, wanted.start), max(known.end, wanted.end))
    return windows
