"""What the use cases need from outside: a store that runs work in transactions, peppers, and a slow password hash."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from accounts.domain.admin import Admin, AdminToken
from accounts.domain.audit import Entry
from accounts.domain.client import Client, ClientStatus, RevokedToken
from accounts.domain.credentials import Pepper
from accounts.domain.gateway import Gateway
from accounts.domain.grant import ClientGrant
from accounts.domain.key import ApiKey
from accounts.domain.plan import Plan
from accounts.domain.role import Role
from accounts.service.oauth_ports import OAuthRows
from servicekit.core.idempotency import IdempotencyRows
from servicekit.core.values import NOWHERE, Origin, Position

T = TypeVar("T")
N = TypeVar("N", Role, Plan)


@dataclass(frozen=True, slots=True)
class ClientQuery:
    """Which clients, in the order of creation; no `status` means all that are not closed. `after` is an id."""

    limit: int
    status: ClientStatus | None = None
    name_prefix: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which entries, the newest first; `before` is a number. None filters nothing."""

    limit: int
    subject: str | None = None
    actor: str | None = None
    before: int | None = None


class ClientRows(Protocol):
    """The clients of one transaction, closed ones too."""

    def add(self, client: Client) -> bool:
        """Store a new client; False when its name is taken."""
        ...

    def get(self, ident: str) -> Client | None: ...

    def by_name(self, name: str) -> Client | None:
        """The one of that name that is not closed."""
        ...

    def claim(self, ident: str) -> Client | None:
        """Write the client's own row, and so hold it until the transaction ends: the first act of every change.

        Two writers of one client queue here, on every engine; what is read afterwards is what the other left.
        """
        ...

    def save(self, client: Client) -> bool:
        """Replace a claimed client; False when its new name is taken."""
        ...

    def page(self, query: ClientQuery) -> Sequence[Client]: ...

    def closed_before(self, at: int, limit: int) -> Sequence[str]:
        """The ids of clients closed before that second."""
        ...

    def remove(self, ident: str) -> None:
        """Forget a claimed client and everything that hangs on it."""
        ...

    def add_revoked(self, ident: str, token: RevokedToken) -> None: ...

    def revoked(self, ident: str) -> Sequence[RevokedToken]:
        """The tokens revoked one by one."""
        ...

    def count_revoked(self, ident: str) -> int: ...

    def forget_revoked(self, at: int, ident: str | None = None) -> None:
        """Forget those that ended before that second by themselves, of one client or of all."""
        ...


class KeyRows(Protocol):
    """The API keys of one transaction."""

    def add(self, key: ApiKey) -> None: ...

    def get(self, ident: str) -> ApiKey | None: ...

    def save(self, key: ApiKey) -> None:
        """Replace a key, but for when it was last used."""
        ...

    def of_client(self, client_id: str) -> Sequence[ApiKey]:
        """In the order of creation."""
        ...

    def page(self, client_id: str, after: Position | None, limit: int) -> Sequence[ApiKey]:
        """In the order of creation, after a position of second and id."""
        ...

    def dead_before(self, at: int, limit: int) -> Sequence[tuple[str, str]]:
        """Key and client of keys that expired or were revoked before that second."""
        ...

    def remove(self, ident: str) -> None: ...

    def mark_used(self, times: Mapping[str, int]) -> None:
        """Remember by key when it was last used, in seconds, where that is later than what is known."""
        ...

    def count_live_under(self, pepper: int, at: int) -> int:
        """How many that are good at that second were made under a version of the pepper."""
        ...


class GrantRows(Protocol):
    """The grants that clients hold themselves."""

    def add(self, grant: ClientGrant) -> None: ...

    def get(self, client_id: str, ident: str) -> ClientGrant | None: ...

    def remove(self, ident: str) -> None: ...

    def of_client(self, client_id: str) -> Sequence[ClientGrant]:
        """In the order they were given."""
        ...

    def of_clients(self, client_ids: Sequence[str]) -> Mapping[str, Sequence[ClientGrant]]: ...

    def page(self, client_id: str, after: str, limit: int) -> Sequence[ClientGrant]: ...


class NamedRows(Protocol, Generic[N]):
    """Things that are named by their name: roles, plans."""

    def add(self, thing: N) -> bool:
        """False when the name is taken."""
        ...

    def get(self, name: str) -> N | None: ...

    def claim(self, name: str) -> N | None: ...

    def save(self, thing: N) -> None: ...

    def remove(self, name: str) -> None: ...

    def page(self, after: str, limit: int) -> Sequence[N]: ...

    def known(self, names: Sequence[str]) -> set[str]:
        """Those of `names` that there are, held against removal until the transaction ends."""
        ...

    def holder(self, name: str) -> str | None:
        """The id of a client that has it."""
        ...


class GatewayRows(Protocol):
    """The gateways that may follow the feed."""

    def add(self, gateway: Gateway) -> bool:
        """False when the name is taken."""
        ...

    def get(self, ident: str) -> Gateway | None: ...

    def remove(self, ident: str) -> None: ...

    def all(self) -> Sequence[Gateway]: ...


class AdminRows(Protocol):
    """Admins and their tokens."""

    def add(self, admin: Admin) -> bool:
        """False when the name is taken."""
        ...

    def get(self, ident: str) -> Admin | None: ...

    def claim(self, ident: str) -> Admin | None:
        """Hold the admin until the transaction ends."""
        ...

    def by_name(self, name: str) -> Admin | None: ...

    def save(self, admin: Admin) -> None: ...

    def remove(self, ident: str) -> None:
        """With its tokens."""
        ...

    def all(self) -> Sequence[Admin]: ...

    def add_token(self, token: AdminToken) -> None: ...

    def token(self, ident: str) -> AdminToken | None: ...

    def tokens_of(self, admin_id: str) -> Sequence[AdminToken]: ...

    def remove_token(self, ident: str) -> None: ...

    def forget_tokens(self, at: int) -> None:
        """Forget those that expired before that second."""
        ...


@dataclass(frozen=True, slots=True)
class KnownPepper:
    """What the database remembers of a pepper: enough to tell a wrong file from the right one."""

    version: int
    fingerprint: str


class PepperRows(Protocol):
    """The peppers that credentials in this database were made under."""

    def all(self) -> Sequence[KnownPepper]: ...

    def add(self, pepper: KnownPepper) -> bool:
        """Remember a pepper; False when its version is known already."""
        ...

    def remove(self, version: int) -> None: ...

    def in_use(self, version: int) -> bool:
        """Whether anything but API keys was made under it: of gateways, admins, clients, or a signing key."""
        ...


@dataclass(frozen=True, slots=True)
class FeedState:
    """Where the feed is: changes `floor + 1` to `last` can be read. A new `epoch` means: start over."""

    epoch: str
    floor: int
    last: int


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `record` is the record's JSON text as it is now, None where it was deleted."""

    seq: int
    kind: str
    id: str
    record: str | None


class Feed(Protocol):
    """What gateways are told. What a transaction publishes is numbered when it ends, in the order of commits."""

    def publish(self, kind: str, ident: str, record: dict[str, Any] | None) -> None:
        """Replace a record whole; None deletes it. The last one of a transaction counts."""
        ...

    def state(self) -> FeedState: ...

    def changes(self, after: int, limit: int) -> Sequence[Change]:
        """The changes that follow number `after`: at most `limit`, fewer where records are large, at least one."""
        ...

    def record(self, kind: str, ident: str) -> str | None: ...

    def forget(self, before: int) -> None:
        """Forget changes made before that instant, in microseconds; the feed's floor rises."""
        ...

    def renew(self, epoch: str) -> None:
        """Begin a new epoch: everybody starts over."""
        ...


class Audit(Protocol):
    """The audit. What a transaction records is numbered and sealed when it ends."""

    def record(self, topic: str, subject: str, details: dict[str, Any]) -> None: ...

    def page(self, query: AuditQuery) -> Sequence[Entry]: ...

    def all(self) -> Iterator[Entry]: ...

    def last(self) -> int:
        """The number of the newest entry, by the counter that gave it."""
        ...


class Transaction(Protocol):
    """One transaction: everything in it happens, or nothing does."""

    @property
    def origin(self) -> Origin: ...
    @property
    def clients(self) -> ClientRows: ...
    @property
    def keys(self) -> KeyRows: ...
    @property
    def grants(self) -> GrantRows: ...
    @property
    def roles(self) -> NamedRows[Role]: ...
    @property
    def plans(self) -> NamedRows[Plan]: ...
    @property
    def gateways(self) -> GatewayRows: ...
    @property
    def admins(self) -> AdminRows: ...
    @property
    def peppers(self) -> PepperRows: ...
    @property
    def oauth(self) -> OAuthRows: ...
    @property
    def feed(self) -> Feed: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def idempotency(self) -> IdempotencyRows: ...

    def secret(self, name: str) -> bytes:
        """A random value that every process on this database shares."""
        ...

    def savepoint(self) -> AbstractContextManager[None]:
        """What happens inside is undone when it raises; the rest of the transaction stays."""
        ...


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the feed, as JSON text."""

    kind: str
    id: str
    text: str


class Store(Protocol):
    """Runs work in transactions. Work may run more than once (after a deadlock), so it must have no other effects.

    Raises StoreUnavailableError when the database cannot answer.
    """

    def read(self, work: Callable[[Transaction], T]) -> T: ...

    def write(self, work: Callable[[Transaction], T], origin: Origin = NOWHERE) -> T:
        """Commits when `work` returns, rolls back when it raises."""
        ...

    def snapshot(self, work: Callable[[FeedState, int, Iterator[Record]], T]) -> T:
        """Hands `work` one consistent state: where the feed is, how many records there are, and each of them.

        Plans and roles come before clients.
        """
        ...


class Peppers(Protocol):
    """The peppers, outside of the database. Raises PepperUnavailableError."""

    def all(self) -> Mapping[int, Pepper]: ...

    def current(self) -> Pepper:
        """The newest: what new credentials are made under."""
        ...

    def create(self) -> bool:
        """Make the file with a first pepper; False, and nothing is done, where there is one."""
        ...

    def add(self) -> Pepper:
        """Make the next version."""
        ...

    def remove(self, version: int) -> None: ...


class PasswordHash(Protocol):
    """A slow hash for what people choose."""

    def hash(self, password: str) -> str: ...

    def verify(self, password: str, kept: str | None) -> bool:
        """Takes as long for `kept` None, where there is no such admin, as for a wrong password."""
        ...
