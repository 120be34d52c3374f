"""Use cases on the grants that a client holds itself."""

from accounts.domain.errors import NotFoundError, StateConflictError
from accounts.domain.grant import MAX_GRANTS, ClientGrant, Grant
from accounts.domain.ids import GRANT, is_id, new_id
from accounts.domain.times import in_seconds
from accounts.service import clients, records
from accounts.service.ports import Transaction
from accounts.service.snapshots import grant_snapshot


def create(tx: Transaction, client_id: str, grant: Grant, now: int) -> ClientGrant:
    """Give a client a grant. Raises NotFoundError and StateConflictError."""
    client = clients.claim(tx, client_id)
    if len(tx.grants.of_client(client.id)) >= MAX_GRANTS:
        detail = f"a client holds at most {MAX_GRANTS} grants itself: use patterns, or roles"
        raise StateConflictError("too_many_grants", detail)
    held = ClientGrant(new_id(GRANT, now), client.id, grant, in_seconds(now))
    tx.grants.add(held)
    tx.audit.record("grant.created", client.id, {"grant": grant_snapshot(held)})
    records.publish_client(tx, client)
    return held


def find(tx: Transaction, client_id: str, ident: str) -> ClientGrant:
    """Read a grant of a client. Raises NotFoundError."""
    found = tx.grants.get(client_id, ident) if is_id(ident, GRANT) else None
    if found is None:
        raise NotFoundError("grant", ident)
    return found


def remove(tx: Transaction, client_id: str, ident: str) -> None:
    """Take a grant back. Raises NotFoundError and StateConflictError."""
    client = clients.claim(tx, client_id)
    held = find(tx, client_id, ident)
    tx.grants.remove(held.id)
    tx.audit.record("grant.removed", client.id, {"grant": grant_snapshot(held)})
    records.publish_client(tx, client)
