"""The replica as long as a config names accounts: what workers are told and ask, whichever accounts it is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from moongate.control.accounts.place import PlaceInvalid, take_place
from moongate.worker import messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from moongate.compile.snapshot import AccountsPlan
    from moongate.control.accounts.following import Following

    Tell = Callable[[messages.ReplicaOrder], None]


class Accounts:
    """What control keeps of accounts. ``tell`` reaches every worker, ``say`` people."""

    def __init__(self, tell: Tell, say: Callable[[str], None]) -> None:
        self._tell = tell
        self._say = say
        self._following: Following | None = None
        self._questions = 0  # to those who are followed no more

    def judge(self, plan: AccountsPlan | None) -> None:
        """Raises PlaceInvalid where the replica can not be kept where ``plan`` wants it."""
        if plan is None:
            return
        # A file that SQLite has open in this process must not be opened and closed beside it: that drops its locks.
        followed = self._following
        if followed is None or os.path.realpath(followed.plan.replica) != os.path.realpath(plan.replica):
            take_place(plan.replica)

    async def follow(self, plan: AccountsPlan | None) -> None:
        """From now on ``plan``, which `judge` has seen; None follows nobody. Raises PlaceInvalid."""
        before, self._following = self._following, None
        if before is not None and before.plan == plan:
            self._following = before
            return
        if before is not None:
            self._questions += before.asks.asked
            await before.close()
        if plan is not None:
            # Only now: who has no accounts need not bear an HTTP client.
            from moongate.control.accounts.following import Following

            try:
                self._following = Following(plan, self._tell, self._say)
            except PlaceInvalid:
                self._tell(messages.ReplicaClosed())  # what workers hold is of another accounts, and followed no more
                raise
        elif before is not None:
            self._tell(messages.ReplicaClosed())

    def greet(self, tell: Tell) -> None:
        """Tell a worker that has just started what all others know."""
        if self._following is not None:
            tell(self._following.state())

    def heard(self, report: messages.ReplicaReport, tell: Tell) -> None:
        """What a worker says; ``tell`` answers that worker."""
        following = self._following
        if following is not None:
            following.heard(report, tell)
        elif isinstance(report, messages.ReplicaQuestion):
            tell(messages.ReplicaAnswer(report.kind, report.id, None))

    @property
    def following(self) -> Following | None:
        """What is followed, with what metrics show of it; None where no config names accounts."""
        return self._following

    @property
    def questions(self) -> int:
        """How often accounts, whichever it was, was asked about one credential; it only grows."""
        return self._questions + (0 if self._following is None else self._following.asks.asked)

    async def close(self) -> None:
        following, self._following = self._following, None
        if following is not None:
            await following.close()
