"""What control and a worker say to each other. Each question carries a ticket, which its answer repeats."""

from __future__ import annotations

import signal
from typing import Final, TypeAlias

import msgspec

from moongate.core.plans import NamePlan, TargetPlan  # noqa: TC001 - msgspec reads the types
from moongate.observe.counts import Counts, Outcomes  # noqa: TC001
from moongate.stores.provider import Answer as LoginAnswer  # noqa: TC001
from moongate.stores.provider import Provider  # noqa: TC001
from moongate.stores.provider import Question as LoginQuestion  # noqa: TC001
from moongate.upstream.state import TargetState  # noqa: TC001

IGNORED_SIGNALS: Final = (signal.SIGINT, signal.SIGHUP)
"""What a worker does not heed: Ctrl-C and a terminal's end reach the whole group, and it is control that decides.
Control blocks them while it starts a worker."""


class Birth(msgspec.Struct):
    """What a worker is told on its command line: the descriptor of its channel, and the only CPU it may use."""

    channel: int
    cpu: int | None = None


class Message(msgspec.Struct, tag=True, array_like=True):
    """One message."""


class Prepare(Message):
    """Make ready to serve ``snapshot``, a pickled Snapshot; its listeners' sockets come along."""

    ticket: int
    snapshot: bytes


class Answer(Message):
    """What repeats the ticket of its question."""

    ticket: int


class Prepared(Answer):
    """Ready, where there are no ``problems``; each is one line."""

    problems: list[str]


class Commit(Message):
    """Serve from now on what was prepared last."""

    ticket: int


class Committed(Answer):
    """It is served."""


class Abandon(Message):
    """What was prepared last is not wanted."""


class Found(Message):
    """DNS has these targets behind a name that a snapshot names, or will."""

    targets: list[tuple[NamePlan, tuple[TargetPlan, ...]]]


class Count(Message):
    """Are you there, and what have you counted since the last time? Unless ``is_whole`` only the sums are asked for,
    but all of it is told where there is little."""

    ticket: int
    is_whole: bool = True


class Counted(Answer):
    """The loop turns. ``outcomes`` are of the requests since the last time, ``counts`` all that was counted since the
    last time that it was told, or None. ``cpu_seconds`` are used since the last time; the numbers are of exchanges and
    connections now, and of requests since the last time that were let in while the replica of accounts was stale. Sent
    unasked with ticket 0 as a last word."""

    outcomes: Outcomes
    counts: Counts | None
    cpu_seconds: float
    in_flight: int
    connections: int
    stale_serves: int = 0


class Inspect(Message):
    """How are your targets?"""

    ticket: int


class Inspected(Answer):
    """Every target of every service."""

    targets: list[TargetState]


class Avoid(Message):
    """Send nothing new to these targets, by URL, where their service has others; to all others again."""

    targets: list[str]


class HandOver(Message):
    """You have more connections than others: give up to ``count`` of those on which nothing is going on."""

    ticket: int
    count: int


class HandedOver(Answer):
    """Their sockets come along."""


class TakeOver(Message):
    """Go on with the connections whose sockets come along."""


class Drain(Message):
    """Announce the end, unless it is without notice, then let in nobody else, finish what runs unless ``at_once``, and
    end."""

    at_once: bool = False
    has_notice: bool = True


class Started(Message):
    """The worker's first word."""


class Leaving(Message):
    """The worker was told by a signal to drain: somebody else should take its place."""


class ReplicaOpened(Message):
    """The replica of accounts in the file ``path`` is another state as a whole: forget what was known. ``peppers`` by
    version; ``max_stale`` in seconds; ``contact`` is when accounts was heard, by the machine's monotonic clock."""

    path: str
    peppers: dict[int, bytes]
    max_stale: float
    contact: float


class ReplicaClosed(Message):
    """There is no replica of accounts, or none yet."""


class ReplicaChanged(Message):
    """These clients' records are others, or gone."""

    clients: list[str]
    contact: float


class ReplicaContact(Message):
    """Accounts was heard, and the replica holds all it knows."""

    contact: float


class ReplicaAnswer(Message):
    """What accounts says of a credential that was asked about: None is nothing."""

    kind: str
    id: str
    known: bool | None


class ReplicaQuestion(Message):
    """Does accounts know this credential? ``kind`` and ``id`` as in ``stores.replica.Question``."""

    kind: str
    id: str


class ReplicaUsed(Message):
    """When keys were used last, in seconds since 1970, by their public ids."""

    keys: dict[str, int]


class ReplicaBroken(Message):
    """The replica's file cannot be read."""

    problem: str


class KeysHeld(Message):
    """An issuer's keys, a JWK Set, by the name of their source. ``is_fresh`` while a key that is not there is
    nowhere."""

    source: str
    document: str
    is_fresh: bool


class KeysGone(Message):
    """There are no keys of this source any more."""

    source: str


class KeysAnswered(Message):
    """It was looked for keys that a worker wanted; there is no use in asking again for so many ``seconds``."""

    source: str
    seconds: float


class SigningKeyHeld(Message):
    """What to sign tokens for services with from now on, a private JWK, and what services verify them by."""

    kid: str
    key: bytes
    issuer: str
    jwks: bytes

    def __repr__(self) -> str:
        return f"SigningKeyHeld({self.kid!r})"


class KeysWanted(Message):
    """A token names a key that is not here. ``held`` marks the keys that are (`stores.keys.mark_of`), 0 where there
    are none."""

    source: str
    held: int = 0


class SignatureShown(Message):
    """A request was signed; ``mark`` is of what, ``created`` when, in seconds since 1970."""

    mark: bytes
    created: int


class SignatureJudged(Message):
    """Whether it was the first that showed it; None where nobody can say."""

    mark: bytes
    is_first: bool | None


class SessionKeysHeld(Message):
    """What cookies of sessions are sealed with, each of 32 octets: the first seals, all open."""

    keys: list[bytes]

    def __repr__(self) -> str:
        return f"SessionKeysHeld({len(self.keys)} keys)"


class ProviderHeld(Message):
    """What a provider says of itself, by its URL."""

    issuer: str
    provider: Provider


class LoginAsked(Message):
    """What a browser was sent back with, or a session is renewed by: what does its provider give for it?"""

    number: int
    question: LoginQuestion


class LoginAnswered(Message):
    """To the question of that number."""

    number: int
    answer: LoginAnswer


TokenOrder: TypeAlias = (
    KeysHeld | KeysGone | KeysAnswered | SigningKeyHeld | SessionKeysHeld | ProviderHeld | LoginAnswered
)
TokenReport: TypeAlias = KeysWanted | LoginAsked
ReplicaOrder: TypeAlias = ReplicaOpened | ReplicaClosed | ReplicaChanged | ReplicaContact | ReplicaAnswer
ReplicaReport: TypeAlias = ReplicaQuestion | ReplicaUsed | ReplicaBroken
Order: TypeAlias = (
    Prepare
    | Commit
    | Abandon
    | Found
    | Count
    | Inspect
    | Avoid
    | HandOver
    | TakeOver
    | Drain
    | ReplicaOrder
    | TokenOrder
    | SignatureJudged
)
Question: TypeAlias = ReplicaReport | TokenReport | SignatureShown
Report: TypeAlias = Prepared | Committed | Counted | Inspected | HandedOver | Started | Leaving | Question
