"""A role: a named bundle of grants, held by any number of clients."""

from dataclasses import dataclass

from accounts.domain.errors import InvalidValueError
from accounts.domain.grant import MAX_GRANTS, Grant
from accounts.domain.names import check_word


@dataclass(frozen=True, slots=True)
class Role:
    """`grants` in the order that counts; `created_at` in seconds since 1970."""

    name: str
    grants: tuple[Grant, ...] = ()
    created_at: int = 0
    version: int = 1

    def __post_init__(self) -> None:
        check_word("name", self.name)
        if len(self.grants) > MAX_GRANTS:
            raise InvalidValueError("grants", "too_many", f"must be {MAX_GRANTS} at most")
