"""A client: a program, or a party, that calls. Everything it may and has hangs on it."""

from dataclasses import dataclass, field
from enum import StrEnum

from accounts.domain.errors import InvalidValueError
from accounts.domain.names import check_labels, check_line, check_word

KEPT_S = 30 * 24 * 3600
"""How long a closed client is still known, so that its keys are answered 401 by who knows them."""
MAX_ROLES = 64
MAX_CERTIFICATES = 16
MAX_SUBJECT = 512


class ClientStatus(StrEnum):
    """Only the active are served. Suspended ones may return; closed is final, and gives the name back."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class RevokedToken:
    """A token refused before its time: `exp` is when it would have ended anyway, in seconds."""

    jti: str
    exp: int


@dataclass(frozen=True, slots=True)
class Client:
    """Tokens issued before `not_before` (seconds) are refused. `roles` are names, in the order that counts.

    `certificates` are subjects, in RFC 4514 form, of client certificates that may come as this client.
    """

    id: str
    name: str
    created_at: int
    status: ClientStatus = ClientStatus.ACTIVE
    not_before: int = 0
    plan: str | None = None
    roles: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    certificates: tuple[str, ...] = ()
    closed_at: int | None = None
    version: int = 1

    def __post_init__(self) -> None:
        check_line("name", self.name)
        if self.plan is not None:
            check_word("plan", self.plan)
        if len(self.roles) > MAX_ROLES or len(set(self.roles)) < len(self.roles):
            raise InvalidValueError("roles", "bad_roles", f"must be at most {MAX_ROLES} roles, each once")
        for index, role in enumerate(self.roles):
            check_word(f"roles/{index}", role)
        check_labels("labels", self.labels)
        if len(self.certificates) > MAX_CERTIFICATES or len(set(self.certificates)) < len(self.certificates):
            detail = f"must be at most {MAX_CERTIFICATES} subjects, each once"
            raise InvalidValueError("certificates", "bad_certificates", detail)
        for index, subject in enumerate(self.certificates):
            if not 1 <= len(subject) <= MAX_SUBJECT or not subject.isprintable():
                detail = f"must be 1 to {MAX_SUBJECT} printable characters, such as CN=acme,O=Acme"
                raise InvalidValueError(f"certificates/{index}", "bad_subject", detail)
