"""Use cases on admins: who may manage accounts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from accounts.domain.admin import SESSION_S, Admin, AdminToken, check_password
from accounts.domain.credentials import ADMIN_PREFIX, Pepper, code, is_code_of, is_key_id, new_text, parse_text
from accounts.domain.errors import DuplicateNameError, NotAuthenticatedError, NotFoundError, StateConflictError
from accounts.domain.ids import ADMIN, is_id, new_id
from accounts.domain.names import new_name
from accounts.domain.times import in_seconds
from accounts.service.keys import check_expiry
from accounts.service.ports import PasswordHash, Transaction
from accounts.service.snapshots import admin_snapshot, token_snapshot

MAX_TOKENS = 100


@dataclass(frozen=True, slots=True)
class TokenDraft:
    """What a caller wants a new token to be; `expires_at` in seconds since 1970, None until it is revoked."""

    name: str
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made, and its text, which nobody can tell again."""

    token: AdminToken
    text: str


def create(tx: Transaction, name: str, password: str | None, now: int) -> Admin:
    """Add an admin; `password` is a hash already. Raises DuplicateNameError and InvalidValueError."""
    admin = Admin(new_id(ADMIN, now), new_name("name", name), in_seconds(now), password)
    if not tx.admins.add(admin):
        raise DuplicateNameError("admin", admin.name)
    tx.audit.record("admin.created", f"admin/{admin.id}", admin_snapshot(admin))
    return admin


def find(tx: Transaction, ident: str) -> Admin:
    """Read an admin. Raises NotFoundError."""
    found = tx.admins.get(ident) if is_id(ident, ADMIN) else None
    if found is None:
        raise NotFoundError("admin", ident)
    return found


def claim(tx: Transaction, ident: str) -> Admin:
    """Read an admin to change it or what hangs on it; who removes it meanwhile waits. Raises NotFoundError."""
    found = tx.admins.claim(ident) if is_id(ident, ADMIN) else None
    if found is None:
        raise NotFoundError("admin", ident)
    return found


def set_password(tx: Transaction, ident: str, password: str | None) -> Admin:
    """Let an admin sign in with another password (a hash), or with none; its tokens stay. Raises NotFoundError."""
    before = claim(tx, ident)
    after = replace(before, password=password, version=before.version + 1)
    tx.admins.save(after)
    tx.audit.record("admin.password_changed", f"admin/{after.id}", {"has_password": password is not None})
    return after


def remove(tx: Transaction, ident: str) -> None:
    """Remove an admin with its tokens. Raises NotFoundError, and StateConflictError for the last one."""
    held = tx.admins.all()
    admin = find(tx, ident)
    if len(held) == 1:
        raise StateConflictError("last_admin", "is the only admin: nobody could let the next one in")
    tx.admins.remove(admin.id)
    tx.audit.record("admin.removed", f"admin/{admin.id}", admin_snapshot(admin))


def create_token(tx: Transaction, admin_id: str, draft: TokenDraft, pepper: Pepper, now: int) -> NewToken:
    """Make a token for an admin. Raises NotFoundError, InvalidValueError, StateConflictError."""
    name = new_name("name", draft.name)
    check_expiry(draft.expires_at, now)
    admin = claim(tx, admin_id)
    tx.admins.forget_tokens(in_seconds(now))
    if len(tx.admins.tokens_of(admin.id)) >= MAX_TOKENS:
        raise StateConflictError("too_many_tokens", f"an admin has at most {MAX_TOKENS} tokens: revoke some")
    ident, text = new_text(ADMIN_PREFIX)
    token = AdminToken(ident, admin.id, name, code(text, pepper), in_seconds(now), draft.expires_at)
    tx.admins.add_token(token)
    tx.audit.record("admin_token.created", f"admin/{admin.id}", {"token": token_snapshot(token)})
    return NewToken(token, text)


def remove_token(tx: Transaction, admin_id: str, ident: str) -> None:
    """Refuse a token from now on. Raises NotFoundError."""
    admin = claim(tx, admin_id)
    token = tx.admins.token(ident) if is_key_id(ident) else None
    if token is None or token.admin_id != admin.id:
        raise NotFoundError("token", ident)
    tx.admins.remove_token(ident)
    tx.audit.record("admin_token.removed", f"admin/{admin.id}", {"token": token_snapshot(token)})


def authenticate(tx: Transaction, text: str, peppers: Mapping[int, Pepper], now: int) -> tuple[Admin, AdminToken]:
    """The admin whose token this is. Raises NotAuthenticatedError."""
    shown = parse_text(text)
    if shown is None or shown.prefix != ADMIN_PREFIX:
        raise NotAuthenticatedError
    token = tx.admins.token(shown.id)
    pepper = None if token is None else peppers.get(token.secret.pepper)
    if token is None or pepper is None or not is_code_of(text, token.secret, pepper) or not token.is_live(now):
        raise NotAuthenticatedError
    admin = tx.admins.get(token.admin_id)
    if admin is None:
        raise NotAuthenticatedError
    return admin, token


def hash_password(hasher: PasswordHash, password: str) -> str:
    """The hash of a new password. Takes some 100 ms, so ask outside of a transaction. Raises InvalidValueError."""
    check_password(password)
    return hasher.hash(password)


def is_password_of(admin: Admin | None, password: str, hasher: PasswordHash) -> bool:
    """Whether an admin, if there is one, signs in with `password`. Takes as long in every case."""
    return hasher.verify(password, None if admin is None else admin.password)


def session(now: int) -> TokenDraft:
    """The token that a sign-in with a password buys."""
    return TokenDraft("sign-in", in_seconds(now) + SESSION_S)
