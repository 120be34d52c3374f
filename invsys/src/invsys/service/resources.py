"""Use cases on resources."""

from collections.abc import Sequence
from dataclasses import replace

from invsys.domain.errors import DuplicateNameError, NotFoundError
from invsys.domain.ids import is_id, new_id
from invsys.domain.resource import Resource, ResourceStatus
from invsys.service.ports import Transaction


def create(tx: Transaction, kind: str, name: str, now: int) -> Resource:
    """Add a resource. Raises DuplicateNameError."""
    resource = Resource(new_id(now), kind, name, ResourceStatus.ACTIVE, now, 1)
    if not tx.resources.add(resource):
        raise DuplicateNameError(kind, name)
    return resource


def find(tx: Transaction, kind: str, ident: str) -> Resource:
    """Read a resource; one of another kind is not found. Raises NotFoundError."""
    found = tx.resources.get(kind, ident) if is_id(ident) else None
    if found is None:
        raise NotFoundError("resource", ident)
    return found


def claim(tx: Transaction, kind: str, ident: str) -> Resource:
    """Read a resource in order to change it or its allocations: its row is written first. Raises NotFoundError."""
    found = tx.resources.claim(kind, ident) if is_id(ident) else None
    if found is None:
        raise NotFoundError("resource", ident)
    return found


def page(tx: Transaction, kind: str, after: str, limit: int) -> Sequence[Resource]:
    """Resources of a kind in the order of their creation."""
    return tx.resources.page(kind, after, limit)


def rename(tx: Transaction, kind: str, ident: str, name: str) -> Resource:
    """Change the name. Raises NotFoundError and DuplicateNameError."""
    before = claim(tx, kind, ident)
    if before.name == name:
        return before
    after = replace(before, name=name, version=before.version + 1)
    if not tx.resources.save(after):
        raise DuplicateNameError(kind, name)
    return after


def decommission(tx: Transaction, kind: str, ident: str) -> None:
    """Take a resource out of the inventory for good; its name becomes free. Raises NotFoundError."""
    before = claim(tx, kind, ident)
    tx.resources.save(replace(before, status=ResourceStatus.DECOMMISSIONED, version=before.version + 1))
