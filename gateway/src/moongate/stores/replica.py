"""A worker's view of the replica of accounts: what is known of a key or a client, and how far that may be relied on.

Reads are synchronous: from memory, else one read of a local file (20 us). Control tells of every change, which voids
what was derived from the older record; nothing is ever taken over from one version to the next.
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from moongate.core.clock import monotonic
from moongate.stores.client_cache import ClientCache
from moongate.stores.decision import Standing, Unavailable
from moongate.stores.records import (
    ClientRecord,
    Grant,
    Known,
    Plan,
    Unreadable,
    read_client,
    read_plan,
    read_role,
)
from moongate.stores.replica_file import CERTIFICATE, KEY, ReplicaReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

CLIENT: Final = "client"
FRESH_SECONDS: Final = 5.0  # contact is proved every 2 s
UNKNOWN_SECONDS: Final = 5.0  # how long accounts' word that a credential is unknown is taken
MAX_ABSENT: Final = 10_000
MAX_QUESTIONS: Final = 256  # at a time; more would only wait for each other
MAX_USED: Final = 10_000
ASK_SECONDS: Final = 0.3  # control gives up after 0.2
_MAX_SHARED: Final = 4096
_NEVER: Final = float("-inf")


class Question(NamedTuple):
    """About one unknown credential: ``kind`` is KEY or CLIENT."""

    kind: str
    id: str


class Asking(Protocol):
    """Who carries a worker's words to control."""

    def ask(self, question: Question) -> None:
        """`Replica.answered` is to be told."""

    def use(self, keys: Mapping[str, int]) -> None:
        """When keys were used last, in seconds since 1970."""

    def complain(self, problem: str) -> None:
        """The file cannot be read."""


class Nobody:
    """Carries nothing: no accounts in the config."""

    def ask(self, question: Question) -> None: ...
    def use(self, keys: Mapping[str, int]) -> None: ...
    def complain(self, problem: str) -> None: ...


class Replica:
    """``version`` grows with every change: whatever was remembered under an older one is void.

    ``heard`` is told of the clients that have other records, None for everybody. For metrics: ``asks`` counts questions
    to accounts, ``loads`` reads of the file; ``stale_serves`` is for whoever serves while the standing is STALE.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.version = 0
        self.asks = self.loads = self.stale_serves = 0
        self.asking: Asking = Nobody()
        self.heard: Callable[[Iterable[str] | None], None] = lambda _: None
        self._clock = clock
        self._cache = ClientCache()
        self._path = ""
        self._reader: ReplicaReader | None = None
        self._contact = _NEVER
        self._max_stale = 0.0
        self._peppers: Mapping[int, bytes] = {}
        self._roles: dict[str, tuple[Grant, ...]] = {}
        self._plans: dict[str, Plan | None] = {}
        self._absent: dict[Question, float] = {}  # until when accounts need not be asked again
        self._open_questions: dict[Question, asyncio.Future[bool | None]] = {}
        self._used: dict[bytes, int] = {}

    # What a request asks.

    def standing(self) -> Standing:
        """How far what is known here may be relied on."""
        if self._reader is None:
            return Standing.ABSENT
        age = self._clock() - self._contact
        if age <= FRESH_SECONDS:
            return Standing.FRESH
        return Standing.STALE if age <= self._max_stale else Standing.EXPIRED

    def age(self) -> float:
        """Seconds since accounts was last heard; infinite where it never was."""
        return self._clock() - self._contact

    def find_key(self, public_id: bytes) -> Known | None:
        """The key with this id and its client. Raises Unavailable where that cannot be read."""
        known = self._cache.key(public_id)
        if known is None and self._load(Question(KEY, public_id.decode("ascii", "replace"))) is not None:
            known = self._cache.key(public_id)
        return known

    def find_client(self, client_id: str) -> ClientRecord | None:
        """Raises Unavailable where that cannot be read."""
        return self._cache.client(client_id) or self._load(Question(CLIENT, client_id))

    def find_certificate(self, subject: str) -> ClientRecord | None:
        """The client that may come with a certificate of this subject. Raises Unavailable where that cannot be read."""
        return self._cache.certificate(subject) or self._load(Question(CERTIFICATE, subject))

    def pepper(self, version: int) -> bytes | None:
        """What keys of this version were made with."""
        return self._peppers.get(version)

    async def ask_key(self, public_id: bytes) -> bool:
        """Ask accounts about a key that is unknown here; whether it is known now. Raises Unavailable where accounts
        does not answer in time."""
        return await self._ask(Question(KEY, public_id.decode("ascii", "replace")))

    async def ask_client(self, client_id: str) -> bool:
        """Ask accounts about a client that is unknown here; else as `ask_key`."""
        return await self._ask(Question(CLIENT, client_id))

    def used(self, public_id: bytes, now: int) -> None:
        """A key was used ``now``, in seconds since 1970; told to accounts when `report_used` is called."""
        self._used[public_id] = now
        if len(self._used) >= MAX_USED:
            self.report_used()

    # What control says.

    def opened(self, path: str, peppers: Mapping[int, bytes], max_stale: float, contact: float) -> None:
        """The file at ``path`` holds another state as a whole. ``contact`` is of the monotonic clock."""
        self._forget_everything()
        self._peppers = peppers
        self._max_stale = max_stale
        self._contact = contact
        self._path = path
        self._open()
        self.heard(None)

    def closed(self) -> None:
        """There is no replica any more, or none yet."""
        self._forget_everything()
        self._path = ""
        self._peppers = {}
        self._contact = _NEVER

    def changed(self, clients: Iterable[str], contact: float) -> None:
        """These clients have other records, or none."""
        self.version += 1
        self._absent.clear()
        for client_id in clients:
            self._cache.drop(client_id)
        self.contacted(contact)
        self.heard(clients)

    def contacted(self, contact: float) -> None:
        """Accounts was heard, and had nothing that is not in the file."""
        self._contact = max(self._contact, contact)
        if self._reader is None and self._path:
            self._open()

    def answered(self, question: Question, known: bool | None) -> None:
        """What accounts said; None where it said nothing."""
        if known is False:
            self._note_absent(question, self._clock() + UNKNOWN_SECONDS)
        future = self._open_questions.pop(question, None)
        if future is not None and not future.done():
            future.set_result(known)

    def take_stale_serves(self) -> int:
        """How many there were since the last time."""
        count, self.stale_serves = self.stale_serves, 0
        return count

    def report_used(self) -> None:
        """Say which keys were used since the last time."""
        if self._used:
            keys, self._used = self._used, {}
            self.asking.use({key.decode("ascii", "replace"): when for key, when in keys.items()})

    def close(self) -> None:
        """The end."""
        self.report_used()
        self._forget_everything()

    def _load(self, question: Question) -> ClientRecord | None:
        if question in self._absent:
            return None
        reader = self._reader
        if reader is None:
            raise Unavailable("no replica of accounts is here yet")
        self.loads += 1
        try:
            if question.kind == CLIENT:
                row = reader.client(question.id)
            else:
                row = reader.client_of(question.kind, question.id)
            if row is None:
                self._note_absent(question, 0.0)
                return None
            client = self._decode(reader, row[1])
        except (sqlite3.Error, Unreadable) as error:
            self._forget_everything()
            self._judge(error)
            raise Unavailable(f"the replica of accounts cannot be read: {error}") from None
        self._cache.add(client, len(row[1]))
        return client

    def _open(self) -> None:
        try:
            self._reader = ReplicaReader(self._path)
        except sqlite3.Error as error:
            self._judge(error)

    def _judge(self, error: Exception) -> None:
        """What passes, such as too many open files, is tried again at the next contact; for the rest a new file is
        needed."""
        if not isinstance(error, sqlite3.OperationalError):
            self._path = ""
            self.asking.complain(str(error))

    def _decode(self, reader: ReplicaReader, raw: bytes) -> ClientRecord:
        wire, keys = read_client(raw)
        grants = wire.grants
        for role in wire.roles:
            grants += self._role(reader, role)
        return ClientRecord(
            id=wire.id,
            name=wire.name,
            status=wire.status,
            not_before=wire.not_before,
            plan=None if wire.plan is None else self._plan(reader, wire.plan),
            labels=wire.labels,
            keys=keys,
            subjects=tuple(each.subject for each in wire.certificates),
            revoked_tokens=frozenset(each.jti for each in wire.revoked_tokens),
            grants=grants,
        )

    def _role(self, reader: ReplicaReader, name: str) -> tuple[Grant, ...]:
        grants = self._roles.get(name)
        if grants is None:
            raw = reader.shared("role", name)
            grants = () if raw is None else read_role(raw).grants
            if len(self._roles) >= _MAX_SHARED:
                self._roles.clear()
            self._roles[name] = grants
        return grants

    def _plan(self, reader: ReplicaReader, name: str) -> Plan | None:
        if name not in self._plans:
            raw = reader.shared("plan", name)
            if len(self._plans) >= _MAX_SHARED:
                self._plans.clear()
            self._plans[name] = None if raw is None else read_plan(raw)
        return self._plans[name]

    async def _ask(self, question: Question) -> bool:
        if self._absent.get(question, 0.0) > self._clock():
            return False
        answer = self._open_questions.get(question)
        if answer is None:
            if len(self._open_questions) >= MAX_QUESTIONS:
                raise Unavailable("too many credentials are unknown here, and accounts is being asked about others")
            answer = asyncio.get_running_loop().create_future()
            self._open_questions[question] = answer
            self.asks += 1
            timer = answer.get_loop().call_later(ASK_SECONDS, self.answered, question, None)
            answer.add_done_callback(lambda _: timer.cancel())
            self.asking.ask(question)
        known = await asyncio.shield(answer)
        if known is None:
            raise Unavailable("accounts did not say in time whether it knows this credential")
        return known

    def _note_absent(self, question: Question, until: float) -> None:
        if len(self._absent) >= MAX_ABSENT:
            del self._absent[next(iter(self._absent))]
        self._absent[question] = until

    def _forget_everything(self) -> None:
        self.version += 1
        self._cache.clear()
        self._absent.clear()
        self._roles.clear()
        self._plans.clear()
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
