"""Use cases on roles."""

from dataclasses import replace

from accounts.domain.errors import DuplicateNameError, NotFoundError, StateConflictError
from accounts.domain.grant import Grant
from accounts.domain.names import is_word
from accounts.domain.role import Role
from accounts.domain.times import in_seconds
from accounts.service import records
from accounts.service.ports import Transaction
from accounts.service.snapshots import role_snapshot
from servicekit.core.values import Expected


def create(tx: Transaction, name: str, grants: tuple[Grant, ...], now: int) -> Role:
    """Add a role. Raises DuplicateNameError and InvalidValueError."""
    role = Role(name, grants, in_seconds(now))
    if not tx.roles.add(role):
        raise DuplicateNameError("role", name)
    tx.audit.record("role.created", _subject(role), role_snapshot(role))
    records.publish_role(tx, role)
    return role


def find(tx: Transaction, name: str) -> Role:
    """Read a role. Raises NotFoundError."""
    found = tx.roles.get(name) if is_word(name) else None
    if found is None:
        raise NotFoundError("role", name)
    return found


def change(tx: Transaction, name: str, grants: tuple[Grant, ...], expected: Expected) -> Role:
    """Give a role other grants; whoever holds it has them at once. Raises NotFoundError, StaleVersionError."""
    before = _claim(tx, name)
    expected.check(before.version)
    if grants == before.grants:
        return before
    after = replace(before, grants=grants, version=before.version + 1)
    tx.roles.save(after)
    old, new = role_snapshot(before)["grants"], role_snapshot(after)["grants"]
    tx.audit.record("role.changed", _subject(after), {"grants": {"from": old, "to": new}})
    records.publish_role(tx, after)
    return after


def remove(tx: Transaction, name: str, expected: Expected) -> None:
    """Remove a role that nobody holds. Raises NotFoundError, StaleVersionError, StateConflictError."""
    before = _claim(tx, name)
    expected.check(before.version)
    holder = tx.roles.holder(name)
    if holder is not None:
        raise StateConflictError("role_in_use", f"the client {holder} has the role: take it away first")
    tx.roles.remove(name)
    tx.audit.record("role.removed", _subject(before), {})
    tx.feed.publish(records.ROLE, name, None)


def _claim(tx: Transaction, name: str) -> Role:
    found = tx.roles.claim(name) if is_word(name) else None
    if found is None:
        raise NotFoundError("role", name)
    return found


def _subject(role: Role) -> str:
    return f"role/{role.name}"
