"""Use cases on clients."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from accounts.domain.client import Client, ClientStatus, RevokedToken
from accounts.domain.errors import DuplicateNameError, InvalidValueError, NotFoundError, StateConflictError
from accounts.domain.ids import CLIENT, is_id, new_id
from accounts.domain.names import new_name
from accounts.domain.times import MAX_TIME, in_seconds
from accounts.service import records
from accounts.service.ports import Transaction
from accounts.service.snapshots import client_snapshot
from servicekit.core.merge import merge
from servicekit.core.values import Expected

MAX_REVOKED = 1000
"""Tokens revoked one by one that a client may have; above that, revoke them all by `not_before`."""
MAX_JTI = 128


@dataclass(frozen=True, slots=True)
class ClientDraft:
    """What a caller wants a new client to be."""

    name: str
    plan: str | None = None
    roles: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    certificates: tuple[str, ...] = ()


def create(tx: Transaction, draft: ClientDraft, now: int) -> Client:
    """Add a client. Raises DuplicateNameError and InvalidValueError."""
    client = Client(
        id=new_id(CLIENT, now),
        name=new_name("name", draft.name),
        created_at=in_seconds(now),
        plan=draft.plan,
        roles=draft.roles,
        labels=draft.labels,
        certificates=draft.certificates,
    )
    _check_references(tx, client)
    if not tx.clients.add(client):
        raise DuplicateNameError("client", client.name)
    tx.audit.record("client.created", client.id, client_snapshot(client))
    records.publish_client(tx, client)
    return client


def find(tx: Transaction, ident: str) -> Client:
    """Read a client; closed ones are found until they are forgotten. Raises NotFoundError."""
    found = tx.clients.get(ident) if is_id(ident, CLIENT) else None
    if found is None:
        raise NotFoundError("client", ident)
    return found


def claim(tx: Transaction, ident: str) -> Client:
    """Read a client to change it or what hangs on it; rivals queue. Raises NotFoundError and StateConflictError."""
    found = tx.clients.claim(ident) if is_id(ident, CLIENT) else None
    if found is None:
        raise NotFoundError("client", ident)
    if found.status is ClientStatus.CLOSED:
        raise StateConflictError("client_closed", "the client is closed, for good: make a new one")
    return found


def change(tx: Transaction, ident: str, patch: Mapping[str, Any], expected: Expected) -> Client:
    """Apply a merge patch (RFC 7396) of name, status, plan, roles, labels and certificates.

    Raises NotFoundError, StaleVersionError, DuplicateNameError, InvalidValueError, StateConflictError.
    """
    before = claim(tx, ident)
    expected.check(before.version)
    merged = {"labels": merge(before.labels, patch["labels"])} if "labels" in patch else {}
    after = replace(before, **{**with_name(patch, before.name), **merged})
    if after == before:
        return before
    _check_references(tx, after)
    after = replace(after, version=before.version + 1)
    _save(tx, before, after, "client.changed")
    return after


def close(tx: Transaction, ident: str, expected: Expected, now: int) -> None:
    """End a client for good: nothing of it opens anything any more, and its name becomes free.

    Raises NotFoundError, StaleVersionError, StateConflictError.
    """
    before = claim(tx, ident)
    expected.check(before.version)
    at = in_seconds(now)
    for key in tx.keys.of_client(before.id):
        if key.is_live(now):
            tx.keys.save(replace(key, revoked_at=at, version=key.version + 1))
    after = replace(before, status=ClientStatus.CLOSED, closed_at=at, version=before.version + 1)
    _save(tx, before, after, "client.closed")


def revoke_tokens(tx: Transaction, ident: str, now: int) -> Client:
    """Refuse every token issued until now. Raises NotFoundError and StateConflictError."""
    before = claim(tx, ident)
    # The second that began already is the next one's: a token of this very second, issued before, must not survive.
    after = replace(before, not_before=in_seconds(now) + 1, version=before.version + 1)
    _save(tx, before, after, "client.tokens_revoked")
    return after


def revoke_token(tx: Transaction, ident: str, token: RevokedToken, now: int) -> None:
    """Refuse one token until it ends. Raises NotFoundError, InvalidValueError, StateConflictError."""
    if not (1 <= len(token.jti) <= MAX_JTI and token.jti.isascii() and token.jti.isprintable()):
        raise InvalidValueError("jti", "bad_jti", f"must be 1 to {MAX_JTI} printable ASCII characters")
    if not 0 <= token.exp <= MAX_TIME:
        raise InvalidValueError("exp", "out_of_range", "must be seconds since 1970")
    client = claim(tx, ident)
    if token.exp <= in_seconds(now):
        return
    tx.clients.forget_revoked(in_seconds(now), client.id)
    if tx.clients.count_revoked(client.id) >= MAX_REVOKED:
        detail = f"{MAX_REVOKED} tokens are revoked one by one: revoke all of this client's tokens instead"
        raise StateConflictError("too_many_revoked_tokens", detail)
    tx.clients.add_revoked(client.id, token)
    tx.audit.record("client.token_revoked", client.id, {"jti": token.jti, "exp": token.exp})
    records.publish_client(tx, client)


def with_name(patch: Mapping[str, Any], current: str) -> Mapping[str, Any]:
    """The patch with its name as it is kept. The `current` one is not judged: it may be older than the rule.

    Raises InvalidValueError.
    """
    if patch.get("name", current) == current:
        return patch
    return {**patch, "name": new_name("name", patch["name"])}


def _save(tx: Transaction, before: Client, after: Client, topic: str) -> None:
    if not tx.clients.save(after):
        raise DuplicateNameError("client", after.name)
    old, new = client_snapshot(before), client_snapshot(after)
    changed = {name: {"from": old[name], "to": new[name]} for name in new if old[name] != new[name]}
    tx.audit.record(topic, after.id, changed)
    records.publish_client(tx, after)


def _check_references(tx: Transaction, client: Client) -> None:
    if client.plan is not None and not tx.plans.known([client.plan]):
        raise InvalidValueError("plan", "unknown_plan", f"names no plan: there is no {client.plan!r}")
    missing = set(client.roles) - tx.roles.known(client.roles)
    if missing:
        index = next(index for index, role in enumerate(client.roles) if role in missing)
        raise InvalidValueError(f"roles/{index}", "unknown_role", f"names no role: there is no {client.roles[index]!r}")
