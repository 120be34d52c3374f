"""The feed of changes: what others follow to stay in step."""

from collections.abc import Callable, Sequence

from invsys.service.ports import Change, ChangeQuery, Store
from servicekit.core.polling import wait_for


def read(store: Store, query: ChangeQuery) -> tuple[Sequence[Change], int]:
    """The changes that a query asks for, and the number to ask from next time."""
    return store.read(lambda tx: _page(tx.changes.last(), tx.changes.page(query), query))


def wait(
    store: Store, query: ChangeQuery, seconds: float, sleep: Callable[[float], None]
) -> tuple[Sequence[Change], int]:
    """As `read`, but while there is nothing new, try again until `seconds` have passed."""
    found, following = read(store, query)
    if found:
        return found, following

    def look() -> tuple[Sequence[Change], int] | None:
        if store.read(lambda tx: tx.changes.last()) <= query.after:
            return None
        later = read(store, query)
        return later if later[0] else None

    return wait_for(look, seconds, sleep) or read(store, query)


def _page(last: int, found: Sequence[Change], query: ChangeQuery) -> tuple[Sequence[Change], int]:
    # Numbers have no gaps and follow the commits: below any number we have seen, nothing can still appear. `last` was
    # read before `found`, so what came between the two reads is in `found` or does not match the filter.
    seen = found[-1].seq if found else 0
    return found, seen if len(found) == query.limit else max(last, seen)
