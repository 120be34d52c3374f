"""Use cases on kinds, and the catalogue that every request consults."""

import threading
from collections.abc import Sequence

from invsys.domain.errors import NotFoundError, StateConflictError
from invsys.domain.kind import Kind
from invsys.service.attributes import check_schema
from invsys.service.ports import Store, Transaction
from servicekit.core.values import Clock

MAX_AGE_US = 1_000_000
"""How long a kind is remembered: a change of its schema is seen everywhere within a second."""


def put(tx: Transaction, kind: Kind) -> None:
    """Add a kind, or change the attributes schema of one. Raises InvalidValueError and StateConflictError.

    The rest of a kind that has resources is fixed: their ids are in other systems under its paths, and their
    allocations lie on its grid.
    """
    if kind.attributes_schema is not None:
        check_schema(kind.attributes_schema)
    others = {known.code: known for known in tx.kinds.all()}
    before = others.pop(kind.code, None)
    if any(known.plural == kind.plural for known in others.values()):
        raise StateConflictError("duplicate_plural", f"another kind has the plural {kind.plural!r}")
    if before is not None and tx.kinds.in_use(kind.code):
        fixed = (kind.plural, kind.mode, kind.slot, kind.anchor)
        if fixed != (before.plural, before.mode, before.slot, before.anchor):
            raise StateConflictError("kind_in_use", f"{kind.code} has resources: only its attributes schema may change")
    tx.kinds.put(kind)


class KindCatalog:
    """The kinds, read at most once a second; one just added is found at once. Safe for threads."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._kinds: dict[str, Kind] = {}
        self._read_at: int | None = None

    def by_plural(self, plural: str) -> Kind:
        """The kind behind `/api/{plural}`. Raises NotFoundError."""
        age = None if self._read_at is None else abs(self._clock() - self._read_at)
        if age is None or age > MAX_AGE_US or plural not in self._kinds:
            self.all()
        kind = self._kinds.get(plural)
        if kind is None:
            raise NotFoundError("kind", plural)
        return kind

    def all(self) -> Sequence[Kind]:
        """Every kind, by code, as the database has it now."""
        kinds = self._store.read(lambda tx: tx.kinds.all())
        with self._lock:
            self._kinds = {kind.plural: kind for kind in kinds}
            self._read_at = self._clock()
        return kinds
