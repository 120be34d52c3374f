"""Use cases on API keys. The text of a key leaves here once, with the answer that makes it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from accounts.domain.client import Client
from accounts.domain.credentials import KEY_PREFIX, Pepper, check_env, code, is_code_of, is_key_id, new_text, parse_text
from accounts.domain.errors import InvalidValueError, NotFoundError, StateConflictError
from accounts.domain.key import DEFAULT_ENV, MAX_OVERLAP_S, ApiKey
from accounts.domain.names import check_scopes, new_name, normal
from accounts.domain.times import MAX_TIME, SECOND, in_seconds
from accounts.service import clients, records
from accounts.service.ports import Transaction
from accounts.service.snapshots import key_snapshot
from servicekit.core.values import Expected

MAX_KEYS = 1000
"""Live or lately dead ones of one client: they travel together with its record."""


@dataclass(frozen=True, slots=True)
class KeyDraft:
    """What a caller wants a new key to be; `expires_at` in seconds since 1970, None for never."""

    name: str
    env: str = DEFAULT_ENV
    scopes: tuple[str, ...] = ()
    expires_at: int | None = None

    def check(self, now: int) -> None:
        """Raises InvalidValueError."""
        new_name("name", self.name)
        check_env(self.env)
        check_scopes("scopes", self.scopes)
        check_expiry(self.expires_at, now)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made, and its text, which nobody can tell again."""

    key: ApiKey
    text: str


def check_expiry(expires_at: int | None, now: int) -> None:
    """Raises InvalidValueError for an end that has come already, or lies beyond the calendar."""
    if expires_at is not None and not now < expires_at * SECOND <= MAX_TIME * SECOND:
        raise InvalidValueError("expires", "out_of_range", "must be in the future, and before the year 10000")


def create(tx: Transaction, client_id: str, draft: KeyDraft, pepper: Pepper, now: int) -> NewKey:
    """Make a key under the current pepper. Raises NotFoundError, InvalidValueError, StateConflictError."""
    draft.check(now)
    client = clients.claim(tx, client_id)
    made = _make(tx, client, draft, pepper, now)
    tx.audit.record("key.created", client.id, {"key": key_snapshot(made.key)})
    records.publish_client(tx, client)
    return made


def rotate(tx: Transaction, where: tuple[str, str], overlap: int, pepper: Pepper, now: int) -> NewKey:
    """Make a key like the one at `where` (client and key), which itself ends after `overlap` seconds.

    Both open until then, so that callers change over without a refused request; 0 is for a key that leaked.
    Raises NotFoundError, InvalidValueError, StateConflictError.
    """
    if not 0 <= overlap <= MAX_OVERLAP_S:
        raise InvalidValueError("overlap_seconds", "out_of_range", f"must be from 0 to {MAX_OVERLAP_S}")
    client, before = _claim(tx, where)
    if not before.is_live(now):
        raise StateConflictError("key_not_live", "the key is revoked or expired: make a new one")
    if before.replaced_by is not None:
        raise StateConflictError("key_rotated", f"the key was rotated already: {before.replaced_by} is in its place")
    # A fixed end was meant for the client's access, so the new key keeps it.
    draft = KeyDraft(before.name, before.env, before.scopes, before.expires_at)
    made = _make(tx, client, draft, pepper, now)
    end = in_seconds(now) + overlap
    expires_at = end if before.expires_at is None else min(end, before.expires_at)
    after = replace(before, expires_at=expires_at, replaced_by=made.key.id, version=before.version + 1)
    tx.keys.save(after)
    details = {"key": before.id, "overlap_seconds": overlap, "new_key": key_snapshot(made.key)}
    tx.audit.record("key.rotated", client.id, details)
    records.publish_client(tx, client)
    return made


def change(tx: Transaction, where: tuple[str, str], patch: Mapping[str, Any], expected: Expected, now: int) -> ApiKey:
    """Change name, scopes or expiry of a key that is live; of one that was rotated the end only to a sooner one.

    Raises NotFoundError, StaleVersionError, InvalidValueError, StateConflictError.
    """
    client, before = _claim(tx, where)
    expected.check(before.version)
    if not before.is_live(now):
        raise StateConflictError("key_not_live", "the key is revoked or expired, for good: make a new one")
    after = replace(before, **clients.with_name(patch, before.name))
    if after == before:
        return before
    check_scopes("scopes", after.scopes)
    if after.expires_at != before.expires_at:
        check_expiry(after.expires_at, now)
        _check_only_sooner(before, after)
    after = replace(after, version=before.version + 1)
    tx.keys.save(after)
    old, new = key_snapshot(before), key_snapshot(after)
    changed = {name: {"from": old[name], "to": new[name]} for name in new if old[name] != new[name]}
    tx.audit.record("key.changed", client.id, {"key": after.id, **changed})
    records.publish_client(tx, client)
    return after


def revoke(tx: Transaction, where: tuple[str, str], expected: Expected, now: int) -> ApiKey:
    """End a key now, for good; one that is dead already stays as it is.

    Raises NotFoundError, StaleVersionError, StateConflictError.
    """
    client, before = _claim(tx, where)
    expected.check(before.version)
    if not before.is_live(now):
        return before
    after = replace(before, revoked_at=in_seconds(now), version=before.version + 1)
    tx.keys.save(after)
    tx.audit.record("key.revoked", client.id, {"key": after.id})
    records.publish_client(tx, client)
    return after


def find(tx: Transaction, where: tuple[str, str]) -> ApiKey:
    """Read a key of a client. Raises NotFoundError."""
    client_id, ident = where
    found = tx.keys.get(ident) if is_key_id(ident) else None
    if found is None or found.client_id != client_id:
        raise NotFoundError("key", ident)
    return found


def opens(key: ApiKey, text: str, peppers: Mapping[int, Pepper], now: int) -> bool:
    """Whether `text` is this key, and the key is live: what a gateway asks for each request, without the database."""
    shown = parse_text(text)
    pepper = peppers.get(key.secret.pepper)
    if shown is None or shown.id != key.id or pepper is None:
        return False
    return is_code_of(text, key.secret, pepper) and key.is_live(now)


def _make(tx: Transaction, client: Client, draft: KeyDraft, pepper: Pepper, now: int) -> NewKey:
    if len(tx.keys.of_client(client.id)) >= MAX_KEYS:
        raise StateConflictError("too_many_keys", f"a client has at most {MAX_KEYS} keys: revoke some, or rotate")
    ident, text = new_text(f"{KEY_PREFIX}_{draft.env}")
    key = ApiKey(
        id=ident,
        client_id=client.id,
        name=normal(draft.name),
        env=draft.env,
        secret=code(text, pepper),
        scopes=draft.scopes,
        created_at=in_seconds(now),
        created_by=tx.origin.actor,
        expires_at=draft.expires_at,
    )
    tx.keys.add(key)
    return NewKey(key, text)


def _check_only_sooner(before: ApiKey, after: ApiKey) -> None:
    """A rotation promised that the old key ends; none that leaked may come back by another end."""
    is_later = after.expires_at is None or (before.expires_at is not None and after.expires_at > before.expires_at)
    if before.replaced_by is not None and is_later:
        detail = f"expires: the key was rotated, and may only end sooner: {before.replaced_by} is in its place"
        raise StateConflictError("key_rotated", detail)


def _claim(tx: Transaction, where: tuple[str, str]) -> tuple[Client, ApiKey]:
    client = clients.claim(tx, where[0])
    return client, find(tx, where)
