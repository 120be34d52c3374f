"""An API key of a client. Its text is shown once, when it is made; quotas belong to the client, never to the key."""

from dataclasses import dataclass

from accounts.domain.credentials import Secret
from accounts.domain.times import SECOND

KEPT_S = 30 * 24 * 3600
"""How long a dead key is still told to gateways: one that lost contact says 401 for it, and not 503."""
MAX_OVERLAP_S = 30 * 24 * 3600
DEFAULT_OVERLAP_S = 24 * 3600
DEFAULT_ENV = "live"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`id` is public: it names the key in logs and lists. Times are seconds; None means never.

    `replaced_by` is the key that a rotation made in its place; this one then ends at its `expires_at`.
    """

    id: str
    client_id: str
    name: str
    env: str
    secret: Secret
    scopes: tuple[str, ...]
    created_at: int
    created_by: str
    expires_at: int | None = None
    revoked_at: int | None = None
    last_used_at: int | None = None
    replaced_by: str | None = None
    version: int = 1

    def is_live(self, now: int) -> bool:
        """Whether it opens anything at the instant `now`, in microseconds."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at * SECOND)
