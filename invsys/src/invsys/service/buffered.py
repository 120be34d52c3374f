"""A transaction that keeps what many allocations of claimed resources take in memory, and writes it at once.

One allocation costs eight statements, which is nothing for one request and minutes for an import. Claimed resources are
ours until the transaction ends, so their occupancy can be read once, decided on here, and written back once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from invsys.domain.allocation import Allocation
from invsys.domain.interval import NEVER, Interval
from invsys.service.ports import Step, Transaction

MAX_STEPS = 2000
"""Steps of one resource kept here; a window with more of them is left to the store, line by line."""


class BufferedTransaction:
    """The port `Transaction` for new allocations on claimed resources, inside the windows given; `flush` ends it."""

    def __init__(self, tx: Transaction, windows: Mapping[str, Interval]) -> None:
        self._tx = tx
        self.kinds, self.resources, self.changes, self.idempotency = tx.kinds, tx.resources, tx.changes, tx.idempotency
        self.allocations: Any = _Allocations(tx)
        self.occupancy: Any = _Occupancy(tx, windows)

    def flush(self) -> None:
        """Write what was kept."""
        self.occupancy.flush()
        self.allocations.flush()

    def secret(self, name: str) -> bytes:
        return self._tx.secret(name)

    def savepoint(self) -> AbstractContextManager[None]:
        return self._tx.savepoint()


class _Allocations:
    """Keeps what is added; a look at what is there writes it first."""

    def __init__(self, tx: Transaction) -> None:
        self._rows = tx.allocations
        self._added: list[Allocation] = []

    def add(self, allocation: Allocation) -> None:
        self._added.append(allocation)

    def covering(self, resource_id: str, instant: int, but: str = "") -> Allocation | None:
        self.flush()
        return self._rows.covering(resource_id, instant, but)

    def flush(self) -> None:
        self._rows.add_many(self._added)
        self._added = []


class _Window:
    """The occupancy of one resource from `span.start` on: `levels[n]` holds from `ats[n]` to `ats[n + 1]`.

    `span` reaches a microsecond beyond what is asked for on either side, so that the levels around it are known.
    """

    def __init__(self, span: Interval, steps: list[Step]) -> None:
        self.span = span
        self.ats = [span.start, *(step.at for step in steps if step.at > span.start)]
        self.levels = [step.level for step in steps]
        if len(self.levels) < len(self.ats):  # nothing was taken at its start
            self.levels.insert(0, 0)
        self.is_changed = False

    def first_above(self, interval: Interval, level: int) -> int | None:
        index = bisect_right(self.ats, interval.start) - 1
        for at, taken in zip(self.ats[index:], self.levels[index:], strict=True):
            if at >= interval.end:
                break
            if taken > level:
                return max(at, interval.start)
        return None

    def add(self, interval: Interval, quantity: int) -> None:
        first, last = self._split(interval.start), self._split(interval.end)
        for index in range(first, last):
            self.levels[index] += quantity
        self.is_changed = True

    def steps(self) -> list[Step]:
        """Those after the first instant, where the level does change."""
        pairs = zip(self.ats[1:], self.levels[1:], self.levels, strict=False)
        return [Step(at, level) for at, level, before in pairs if level != before]

    def _split(self, at: int) -> int:
        index = bisect_left(self.ats, at)
        if at < self.span.end and (index == len(self.ats) or self.ats[index] != at):
            self.ats.insert(index, at)
            self.levels.insert(index, self.levels[index - 1])
        return index


class _Occupancy:
    """Reads a resource's window when it is first asked for."""

    def __init__(self, tx: Transaction, windows: Mapping[str, Interval]) -> None:
        self._rows = tx.occupancy
        self._spans = {
            ident: Interval(window.start - 1, min(window.end + 1, NEVER)) for ident, window in windows.items()
        }
        self._windows: dict[str, _Window | None] = {}

    def first_above(self, resource_id: str, interval: Interval, level: int) -> int | None:
        return (self._window(resource_id) or _Direct(self._rows, resource_id)).first_above(interval, level)

    def add(self, resource_id: str, interval: Interval, quantity: int) -> None:
        (self._window(resource_id) or _Direct(self._rows, resource_id)).add(interval, quantity)

    def flush(self) -> None:
        changed = {ident: window for ident, window in self._windows.items() if window and window.is_changed}
        spans = {ident: Interval(one.span.start + 1, one.span.end) for ident, one in changed.items()}
        self._rows.replace(spans, [(ident, step) for ident, one in changed.items() for step in one.steps()])

    def _window(self, resource_id: str) -> _Window | None:
        if resource_id not in self._windows:
            span = self._spans[resource_id]
            steps = list(self._rows.steps(resource_id, span, MAX_STEPS + 1))
            self._windows[resource_id] = None if len(steps) > MAX_STEPS else _Window(span, steps)
        return self._windows[resource_id]


class _Direct:
    """One resource's occupancy as the store has it."""

    def __init__(self, rows: Any, resource_id: str) -> None:
        self._rows, self._resource_id = rows, resource_id

    def first_above(self, interval: Interval, level: int) -> int | None:
        found: int | None = self._rows.first_above(self._resource_id, interval, level)
        return found

    def add(self, interval: Interval, quantity: int) -> None:
        self._rows.add(self._resource_id, interval, quantity)
