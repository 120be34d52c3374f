"""Use cases on what a client brings to the token endpoint: scopes, secrets, public keys."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from accounts.domain.credentials import SECRET_PREFIX, Pepper, code, is_key_id, new_text
from accounts.domain.errors import InvalidValueError, NotFoundError, StateConflictError
from accounts.domain.oauth import MAX_SECRETS, ClientSecret, Profile, check_jwks
from accounts.domain.times import in_seconds
from accounts.service import clients
from accounts.service.keys import check_expiry
from accounts.service.oauth_ports import Jose
from accounts.service.ports import Transaction
from accounts.service.snapshots import format_time
from servicekit.core.values import Expected


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret that was just made, and its text, which nobody can tell again."""

    secret: ClientSecret
    text: str


def find(tx: Transaction, client_id: str) -> Profile:
    """Read what a client may have. Raises NotFoundError."""
    return tx.oauth.profile(clients.find(tx, client_id).id)


def change(tx: Transaction, client_id: str, patch: Mapping[str, Any], expected: Expected, jose: Jose) -> Profile:
    """Replace `scopes`, `jwks` (a JWK set) or both.

    Raises NotFoundError, StaleVersionError, InvalidValueError, StateConflictError.
    """
    client = clients.claim(tx, client_id)
    before = tx.oauth.profile(client.id)
    expected.check(before.version)
    keys = {"jwks": check_keys(patch["jwks"], jose)} if "jwks" in patch else {}
    after = replace(before, **{**patch, **keys})
    if after == before:
        return before
    after = replace(after, version=before.version + 1)
    tx.oauth.save_profile(after)
    tx.audit.record("client.oauth_changed", client.id, profile_snapshot(after))
    return after


def check_keys(value: Any, jose: Jose) -> tuple[dict[str, Any], ...]:
    """The keys of a JWK set that a client's assertions may be signed with. Raises InvalidValueError."""
    keys = check_jwks(value)
    for index, key in enumerate(keys):
        wrong = jose.check_client_key(key)
        if wrong is not None:
            raise InvalidValueError(f"jwks/keys/{index}", "bad_key", wrong)
    return keys


def create_secret(tx: Transaction, client_id: str, expires_at: int | None, pepper: Pepper, now: int) -> NewSecret:
    """Make a secret; beside another, so that the client can change over.

    Raises NotFoundError, InvalidValueError, StateConflictError.
    """
    check_expiry(expires_at, now)
    client = clients.claim(tx, client_id)
    if sum(secret.is_live(now) for secret in tx.oauth.secrets_of(client.id)) >= MAX_SECRETS:
        detail = f"a client has at most {MAX_SECRETS} secrets: remove the one that is no longer used"
        raise StateConflictError("too_many_secrets", detail)
    ident, text = new_text(SECRET_PREFIX)
    secret = ClientSecret(ident, client.id, code(text, pepper), in_seconds(now), tx.origin.actor, expires_at)
    tx.oauth.add_secret(secret)
    tx.audit.record("client.secret_created", client.id, secret_snapshot(secret))
    return NewSecret(secret, text)


def remove_secret(tx: Transaction, client_id: str, ident: str) -> None:
    """Refuse a secret from now on. Raises NotFoundError and StateConflictError."""
    client = clients.claim(tx, client_id)
    known = {secret.id for secret in tx.oauth.secrets_of(client.id)}
    if not is_key_id(ident) or ident not in known:
        raise NotFoundError("secret", ident)
    tx.oauth.remove_secret(ident)
    tx.audit.record("client.secret_removed", client.id, {"secret": ident})


def profile_snapshot(profile: Profile) -> dict[str, Any]:
    """A profile as a JSON object."""
    return {
        "client_id": profile.client_id,
        "scopes": list(profile.scopes),
        "jwks": {"keys": list(profile.jwks)},
        "version": profile.version,
    }


def secret_snapshot(secret: ClientSecret) -> dict[str, Any]:
    """A secret, without what would open anything."""
    return {
        "id": secret.id,
        "client_id": secret.client_id,
        "created": format_time(secret.created_at),
        "created_by": secret.created_by,
        "expires": format_time(secret.expires_at),
    }
