"""A plan: how much a client may ask for."""

from dataclasses import dataclass
from enum import StrEnum

from accounts.domain.errors import InvalidValueError
from accounts.domain.names import check_word

MAX_REQUESTS = 1_000_000_000_000
MAX_SECONDS = 86_400


class Period(StrEnum):
    """What a quota is counted over; each begins at its start in UTC."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `requests` in each period."""

    requests: int
    period: Period


@dataclass(frozen=True, slots=True)
class Plan:
    """`requests` in `seconds` on average, `burst` at once; `concurrency` running at a time, None for any number."""

    name: str
    requests: int
    seconds: int
    burst: int
    quota: Quota | None = None
    concurrency: int | None = None
    created_at: int = 0
    version: int = 1

    def __post_init__(self) -> None:
        check_word("name", self.name)
        bounded = {
            "rate/requests": (self.requests, MAX_REQUESTS),
            "rate/seconds": (self.seconds, MAX_SECONDS),
            "burst": (self.burst, MAX_REQUESTS),
            "quota/requests": (1 if self.quota is None else self.quota.requests, MAX_REQUESTS),
            "concurrency": (1 if self.concurrency is None else self.concurrency, MAX_REQUESTS),
        }
        for name, (value, limit) in bounded.items():
            if not 1 <= value <= limit:
                raise InvalidValueError(name, "out_of_range", f"must be from 1 to {limit}")
