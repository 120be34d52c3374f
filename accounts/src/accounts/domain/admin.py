"""Admins: people and programs that manage accounts, and the tokens they show."""

from dataclasses import dataclass

from accounts.domain.credentials import Secret
from accounts.domain.errors import InvalidValueError
from accounts.domain.names import check_line
from accounts.domain.times import SECOND

MIN_PASSWORD = 12
MAX_PASSWORD = 256
SESSION_S = 12 * 3600
"""How long a token lasts that a password bought."""


@dataclass(frozen=True, slots=True)
class Admin:
    """`password` is an Argon2id hash, None where nobody may sign in with one."""

    id: str
    name: str
    created_at: int
    password: str | None = None
    version: int = 1

    def __post_init__(self) -> None:
        check_line("name", self.name)


@dataclass(frozen=True, slots=True)
class AdminToken:
    """`id` is public. Times are seconds; `expires_at` None means until revoked."""

    id: str
    admin_id: str
    name: str
    secret: Secret
    created_at: int
    expires_at: int | None = None

    def is_live(self, now: int) -> bool:
        """Whether it opens anything at the instant `now`, in microseconds."""
        return self.expires_at is None or now < self.expires_at * SECOND


def check_password(password: str) -> None:
    """Raises InvalidValueError for one that is too short to resist guessing, or too long to be typed."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        detail = f"must be {MIN_PASSWORD} to {MAX_PASSWORD} characters: a sentence is easier than signs"
        raise InvalidValueError("password", "bad_password", detail)
