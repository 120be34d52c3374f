"""What any service may have to refuse. The web room gives each its status; services add theirs beside them.

Not frozen: Python itself sets the traceback of an exception on its way up.
"""

from dataclasses import dataclass


class ServiceError(Exception):
    """Base of these refusals: an expected outcome, never a bug."""


@dataclass(eq=False)
class SettingError(ServiceError):
    """The setting `name` has no usable value; `detail` goes on from its name."""

    name: str
    detail: str

    def __str__(self) -> str:
        return f"{self.name} {self.detail}"


@dataclass(eq=False)
class StaleVersionError(ServiceError):
    """The caller decided on another version than `current`."""

    current: int


@dataclass(eq=False)
class KeyReusedError(ServiceError):
    """The idempotency key was used for another request."""

    key: str


@dataclass(eq=False)
class RequestRunningError(ServiceError):
    """A request with the same idempotency key is still running."""

    key: str


@dataclass(eq=False)
class StoreUnavailableError(ServiceError):
    """The database cannot answer now: gone, locked for too long, or full. `reason` is for the log only."""

    reason: str

    def __str__(self) -> str:
        return f"the database cannot be used: {self.reason}"


@dataclass(eq=False)
class CannotListenError(ServiceError):
    """The address to serve on is taken or is none of this machine."""

    address: str
    reason: str

    def __str__(self) -> str:
        return f"cannot listen on {self.address}: {self.reason}"


@dataclass(eq=False)
class CannotPrintError(ServiceError):
    """What a command has to say cannot be written."""

    reason: str

    def __str__(self) -> str:
        return f"standard output cannot be written: {self.reason}"
