"""The feed of changes: what others follow to stay in step."""

from collections.abc import Callable, Sequence

from invsys.service.ports import Change, ChangeQuery, Store

POLL_S = 0.1
"""How often a waiting reader looks again. Other processes write too, so it must look rather than be told."""


def read(store: Store, query: ChangeQuery) -> tuple[Sequence[Change], int]:
    """The changes that a query asks for, and the number to ask from next time."""
    return store.read(lambda tx: _page(tx.changes.last(), tx.changes.page(query), query))


def wait(
    store: Store, query: ChangeQuery, seconds: float, sleep: Callable[[float], None]
) -> tuple[Sequence[Change], int]:
    """As `read`, but while there is nothing new, try again until `seconds` have passed."""
    found, following = read(store, query)
    for _ in range(int(seconds / POLL_S)):
        if found:
            break
        sleep(POLL_S)
        if store.read(lambda tx: tx.changes.last()) > query.after:
            found, following = read(store, query)
    return found, following


def _page(last: int, found: Sequence[Change], query: ChangeQuery) -> tuple[Sequence[Change], int]:
    # Numbers have no gaps and follow the commits: below any number we have seen, nothing can still appear. `last` was
    # read before `found`, so what came between the two reads is in `found` or does not match the filter.
    seen = found[-1].seq if found else 0
    return found, seen if len(found) == query.limit else max(last, seen)
