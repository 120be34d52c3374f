"""Many resources or allocations at once, line by line: what is good goes in, what is not is told with its number."""

from collections.abc import Sequence
from dataclasses import dataclass

from invsys.domain.errors import DuplicateNameError, InventoryError, NotFoundError
from invsys.domain.kind import Kind
from invsys.service import allocations, resources
from invsys.service.allocations import AllocationDraft
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
    """Make the allocations that the lines ask for, each checked like one that is asked for alone."""
    errors: list[LineError] = []
    for line in lines:
        try:
            resource = tx.resources.by_name(line.kind.code, line.resource_name)
            if resource is None:
                raise NotFoundError("resource", line.resource_name)
            allocations.create(tx, line.kind, resource.id, line.draft, now)
        except InventoryError as error:
            errors.append(LineError(line.number, error))
    return errors


def _names(lines: Sequence[ResourceLine]) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    for line in lines:
        names.setdefault(line.kind.code, set()).add(line.draft.name)
    return names
