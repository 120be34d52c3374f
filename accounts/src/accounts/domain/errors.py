"""Everything accounts refuses, one class per answer. The web room maps each to a status; nothing else does.

Not frozen: Python itself sets the traceback of an exception on its way up.
"""

from dataclasses import dataclass


class AccountsError(Exception):
    """Base of every refusal: an expected outcome, never a bug."""


@dataclass(eq=False)
class InvalidValueError(AccountsError):
    """A value that is well-formed but means nothing here. `field` is a JSON path into what was sent, with slashes."""

    field: str
    code: str
    detail: str


@dataclass(eq=False)
class NotFoundError(AccountsError):
    """There is no such thing, or it was deleted. `what` is the noun: client, key, grant, role, plan, gateway, admin."""

    what: str
    ident: str


@dataclass(eq=False)
class DuplicateNameError(AccountsError):
    """Another thing of its sort carries the name."""

    what: str
    name: str


@dataclass(eq=False)
class StateConflictError(AccountsError):
    """The thing is in a state that does not allow it."""

    code: str
    detail: str


@dataclass(eq=False)
class NotAuthenticatedError(AccountsError):
    """No valid credential. What was wrong with it is told to nobody: a guesser would learn from it."""


@dataclass(eq=False)
class TooManyAttemptsError(AccountsError):
    """Too many wrong passwords; `seconds` until the next one is looked at."""

    seconds: int


@dataclass(eq=False)
class FeedResetError(AccountsError):
    """A gateway follows a feed that is not this one, or no longer reaches back so far: it must start over."""


@dataclass(eq=False)
class PepperUnavailableError(AccountsError):
    """The pepper file cannot be used; `detail` says which, why, and what to do, and holds no secret."""

    detail: str
