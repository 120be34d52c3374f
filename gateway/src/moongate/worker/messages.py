"""What control and a worker say to each other. Each question carries a ticket, which its answer repeats."""

from __future__ import annotations

import signal
from typing import Final, TypeAlias

import msgspec

from moongate.core.plans import NamePlan, TargetPlan  # noqa: TC001 - msgspec reads the types

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


class Prepared(Message):
    """Ready, where there are no ``problems``; each is one line."""

    ticket: int
    problems: list[str]


class Commit(Message):
    """Serve from now on what was prepared last."""

    ticket: int


class Committed(Message):
    ticket: int


class Abandon(Message):
    """What was prepared last is not wanted."""


class Found(Message):
    """DNS has these targets behind a name that a snapshot names, or will."""

    targets: list[tuple[NamePlan, tuple[TargetPlan, ...]]]


class Ping(Message):
    """Are you there?"""


class Pong(Message):
    """The loop turns."""


class Drain(Message):
    """Let in nobody else, finish what runs unless ``at_once``, and end."""

    at_once: bool = False


class Started(Message):
    """The worker's first word."""


class Leaving(Message):
    """The worker was told by a signal to drain, and takes no more connections: somebody else should."""


Order: TypeAlias = Prepare | Commit | Abandon | Found | Ping | Drain
Report: TypeAlias = Prepared | Committed | Pong | Started | Leaving
