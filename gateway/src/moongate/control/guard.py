"""Whether a reload made requests fail: what is answered after it against what was before. Decides, and does nothing."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from moongate.observe.counts import Outcomes

if TYPE_CHECKING:
    from moongate.compile import GuardPlan

_KEEP_SAMPLES: Final = 600  # at one a second, the longest window


class History:
    """What had been answered at moments past."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, Outcomes]] = deque(maxlen=_KEEP_SAMPLES)

    def note(self, now: float, outcomes: Outcomes) -> None:
        """``outcomes`` were reached at ``now``, in seconds of a clock that only goes forward."""
        self._samples.append((now, outcomes))

    def recent(self, since: float, outcomes: Outcomes) -> Outcomes:
        """What was answered between ``since`` and now, when ``outcomes`` are reached."""
        for moment, then in self._samples:
            if moment >= since:
                return outcomes.since(then)
        return Outcomes()


class Guard:
    """Watches one reload."""

    def __init__(self, plan: GuardPlan, now: float, reached: Outcomes, before: Outcomes) -> None:
        """``reached`` is what had been answered at ``now``, when it was committed; ``before`` what was answered in a
        window of the same length before."""
        self._plan = plan
        self._until = now + plan.window
        self._reached = reached
        self._before = before

    def is_over(self, now: float) -> bool:
        """Whether the window has passed."""
        return now >= self._until

    def objection(self, outcomes: Outcomes) -> str:
        """Why the reload has to be taken back, in words; empty where it has not."""
        after, plan = outcomes.since(self._reached), self._plan
        if after.requests < plan.min_requests:
            return ""
        watched = (
            ("5xx", plan.max_5xx, after.server_errors, self._before.server_errors),
            ("4xx", plan.max_4xx, after.client_errors, self._before.client_errors),
        )
        for name, bound, now, then in watched:
            share, usual = now / after.requests, then / self._before.requests if self._before.requests else 0.0
            if bound is not None and share > usual + bound:
                return f"{share:.1%} of {after.requests} answers are {name}, {usual:.1%} were before"
        return ""
