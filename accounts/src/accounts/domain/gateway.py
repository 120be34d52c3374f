"""A gateway that may follow the feed, and the credential it shows."""

from dataclasses import dataclass

from accounts.domain.credentials import Secret
from accounts.domain.names import check_line


@dataclass(frozen=True, slots=True)
class Gateway:
    """`id` is the public id of its credential."""

    id: str
    name: str
    secret: Secret
    created_at: int

    def __post_init__(self) -> None:
        check_line("name", self.name)
