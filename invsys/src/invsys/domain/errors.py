"""Everything the inventory refuses, one class per answer. The web room maps each to a status; nothing else does.

Not frozen: Python itself sets the traceback of an exception on its way up.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invsys.domain.allocation import Allocation


class InventoryError(Exception):
    """Base of every refusal: an expected outcome, never a bug."""


@dataclass(eq=False)
class InvalidValueError(InventoryError):
    """A value that is well-formed but means nothing here. `field` is a dotted path into what was sent."""

    field: str
    code: str
    detail: str


@dataclass(eq=False)
class NotFoundError(InventoryError):
    """There is no such thing, or it was deleted. `what` is the noun: kind, resource, allocation."""

    what: str
    ident: str
    code: str = "not_found"


@dataclass(eq=False)
class DuplicateNameError(InventoryError):
    """Another resource of the kind carries the name."""

    kind: str
    name: str


@dataclass(eq=False)
class AllocationConflictError(InventoryError):
    """The interval is taken. `existing` is the allocation that stands in the way."""

    existing: "Allocation"


@dataclass(eq=False)
class StoreUnavailableError(InventoryError):
    """The database cannot answer now: gone, locked for too long, or full. `reason` is for the log only."""

    reason: str
