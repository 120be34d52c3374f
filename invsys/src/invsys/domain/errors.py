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
    """A value that is well-formed but means nothing here. `field` is a JSON path into what was sent, with slashes."""

    field: str
    code: str
    detail: str


@dataclass(eq=False)
class NotFoundError(InventoryError):
    """There is no such thing, or it was deleted. `what` is the noun: kind, resource, allocation."""

    what: str
    ident: str


@dataclass(eq=False)
class DuplicateNameError(InventoryError):
    """Another resource of the kind carries the name."""

    kind: str
    name: str


@dataclass(eq=False)
class AllocationConflictError(InventoryError):
    """There is no room. `existing` is an allocation that stands in the way; `code` and `detail` say of what."""

    existing: "Allocation"
    code: str = "allocation_conflict"
    detail: str = "the resource is already allocated during this interval"


@dataclass(eq=False)
class StateConflictError(InventoryError):
    """The thing is in a state that does not allow it."""

    code: str
    detail: str


@dataclass(eq=False)
class BatchItemError(InventoryError):
    """Item `index` of an atomic batch was refused for `cause`, and so the whole batch."""

    index: int
    cause: InventoryError
