"""What time makes superfluous is forgotten, so that tables and records stay small. Nothing depends on when."""

from accounts.domain import client, key
from accounts.domain.times import in_seconds
from accounts.service import feed, records, signing
from accounts.service.ports import Store, Transaction
from servicekit.core.idempotency import KEPT_US
from servicekit.core.values import Origin

_BATCH = 100
SWEEPER = Origin(actor="system")


def sweep(store: Store, now: int) -> None:
    """Forget old answers, changes, tokens, keys and closed clients. Raises StoreUnavailableError."""
    at = in_seconds(now)

    def small(tx: Transaction) -> None:
        tx.idempotency.forget(now - KEPT_US)
        tx.feed.forget(now - feed.KEPT_US)
        tx.clients.forget_revoked(at)
        tx.admins.forget_tokens(at)
        tx.oauth.forget(at)
        signing.forget(tx, at)

    store.write(small, SWEEPER)
    while store.write(lambda tx: _forget_clients(tx, at - client.KEPT_S), SWEEPER):
        pass
    while store.write(lambda tx: _forget_keys(tx, at - key.KEPT_S), SWEEPER):
        pass


def _forget_clients(tx: Transaction, before: int) -> bool:
    found = tx.clients.closed_before(before, _BATCH)
    for ident in found:
        if tx.clients.claim(ident) is None:
            continue
        tx.clients.remove(ident)
        tx.audit.record("client.forgotten", ident, {})
        tx.feed.publish(records.CLIENT, ident, None)
    return len(found) == _BATCH


def _forget_keys(tx: Transaction, before: int) -> bool:
    found = tx.keys.dead_before(before, _BATCH)
    by_client: dict[str, list[str]] = {}
    for ident, client_id in found:
        by_client.setdefault(client_id, []).append(ident)
    # In one order, so that two sweepers never wait for each other.
    for client_id, idents in sorted(by_client.items()):
        holder = tx.clients.claim(client_id)
        if holder is None:
            continue
        for ident in idents:
            tx.keys.remove(ident)
        tx.audit.record("key.forgotten", client_id, {"keys": idents})
        records.publish_client(tx, holder)
    return len(found) == _BATCH
