"""What follows from how old the replica is and what it knows: one table, in which an outage is never a refusal."""

from __future__ import annotations

import enum
from typing import Final


class Standing(enum.Enum):
    """How much the replica may be relied on."""

    FRESH = "fresh"  # accounts was heard a moment ago: what is not here is nowhere
    STALE = "stale"  # not heard, and not for too long
    EXPIRED = "expired"  # for too long
    ABSENT = "absent"  # there never was one, or it cannot be read


class Knowledge(enum.Enum):
    """What can be said of a credential here."""

    VALID = "valid"
    INVALID = "invalid"  # known, and revoked, expired, wrong, or of a client that is not active
    UNKNOWN = "unknown"  # of a good form, and in no record
    MALFORMED = "malformed"


class Asked(enum.Enum):
    """What accounts said to a question about one unknown credential."""

    NOT_YET = "not yet"
    UNKNOWN = "unknown"
    UNAVAILABLE = "unavailable"


class Verdict(enum.Enum):
    """What to do with the request."""

    SERVE = "serve"
    REFUSE = "refuse"  # 401
    ASK = "ask"  # accounts, about this one credential; where it is known then, look again
    UNAVAILABLE = "unavailable"  # 503: a client that is told 401 would throw a good key away


_S, _R, _A, _U = Verdict.SERVE, Verdict.REFUSE, Verdict.ASK, Verdict.UNAVAILABLE

_TABLE: Final = {
    #                 VALID INVALID UNKNOWN MALFORMED
    Standing.FRESH: (_S, _R, _R, _R),
    Standing.STALE: (_S, _R, _A, _R),
    Standing.EXPIRED: (_U, _R, _U, _R),
    Standing.ABSENT: (_U, _R, _U, _R),
}
_VERDICTS: Final = {
    (standing, knowledge): verdict
    for standing, row in _TABLE.items()
    for knowledge, verdict in zip(Knowledge, row, strict=True)
}
_ANSWERED: Final = {Asked.NOT_YET: _A, Asked.UNKNOWN: _R, Asked.UNAVAILABLE: _U}


def judge(standing: Standing, knowledge: Knowledge, asked: Asked = Asked.NOT_YET) -> Verdict:
    """What to do with a credential; ASK never comes back once accounts was ``asked``."""
    verdict = _VERDICTS[standing, knowledge]
    return _ANSWERED[asked] if verdict is Verdict.ASK else verdict


class Unavailable(Exception):  # noqa: N818 - what happened
    """Nobody can say at present: the answer is 503, never 401."""
