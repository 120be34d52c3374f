"""Use cases on plans."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from accounts.domain.errors import DuplicateNameError, NotFoundError, StateConflictError
from accounts.domain.names import is_word
from accounts.domain.plan import Plan
from accounts.domain.times import in_seconds
from accounts.service import records
from accounts.service.ports import Transaction
from accounts.service.snapshots import plan_snapshot
from servicekit.core.values import Expected


def create(tx: Transaction, plan: Plan, now: int) -> Plan:
    """Add a plan. Raises DuplicateNameError."""
    made = replace(plan, created_at=in_seconds(now))
    if not tx.plans.add(made):
        raise DuplicateNameError("plan", made.name)
    tx.audit.record("plan.created", _subject(made), plan_snapshot(made))
    records.publish_plan(tx, made)
    return made


def find(tx: Transaction, name: str) -> Plan:
    """Read a plan. Raises NotFoundError."""
    found = tx.plans.get(name) if is_word(name) else None
    if found is None:
        raise NotFoundError("plan", name)
    return found


def change(tx: Transaction, name: str, patch: Mapping[str, Any], expected: Expected) -> Plan:
    """Change members of a plan; whoever has it is limited so at once.

    Raises NotFoundError, StaleVersionError, InvalidValueError.
    """
    before = _claim(tx, name)
    expected.check(before.version)
    after = replace(before, **patch)
    if after == before:
        return before
    after = replace(after, version=before.version + 1)
    tx.plans.save(after)
    old, new = plan_snapshot(before), plan_snapshot(after)
    changed = {name: {"from": old[name], "to": new[name]} for name in new if old[name] != new[name]}
    tx.audit.record("plan.changed", _subject(after), changed)
    records.publish_plan(tx, after)
    return after


def remove(tx: Transaction, name: str, expected: Expected) -> None:
    """Remove a plan that nobody has. Raises NotFoundError, StaleVersionError, StateConflictError."""
    before = _claim(tx, name)
    expected.check(before.version)
    holder = tx.plans.holder(name)
    if holder is not None:
        raise StateConflictError("plan_in_use", f"the client {holder} has the plan: give it another first")
    tx.plans.remove(name)
    tx.audit.record("plan.removed", _subject(before), {})
    tx.feed.publish(records.PLAN, name, None)


def _claim(tx: Transaction, name: str) -> Plan:
    found = tx.plans.claim(name) if is_word(name) else None
    if found is None:
        raise NotFoundError("plan", name)
    return found


def _subject(plan: Plan) -> str:
    return f"plan/{plan.name}"
