"""The plan of ``basic``: every line of its users judged, and all that is wrong told."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from moongate.filters.basic import BasicPlan, prepared
from moongate.filters.password_hash import judge_hash

if TYPE_CHECKING:
    from moongate.config.model_auth_basic import BasicConfig

_HOW: Final = "`htpasswd -nB NAME` prints a good line"
_MAX_TOLD: Final = 5
_MAX_NAME: Final = 255


def basic_plan(settings: BasicConfig, *, has_accounts: bool) -> BasicPlan:
    """Raises ValueError for what can not work."""
    if settings.known_to_accounts and not has_accounts:
        raise ValueError("known_to_accounts needs `accounts: {url: ..., token: ...}` at the top of the config")
    return BasicPlan(_users(settings.users), settings.realm, settings.known_to_accounts)


@functools.lru_cache(16)  # a filter of 10,000 routes is compiled as often
def _users(text: str) -> tuple[tuple[str, str], ...]:
    users: dict[str, str] = {}
    wrong: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            name, hashed = _user(line)
            if name in users:
                raise ValueError(f"{name} stands twice")
        except ValueError as error:
            wrong.append(f"line {number}: {error}")
        else:
            users[name] = hashed
    if wrong:
        more = f"; and {len(wrong) - _MAX_TOLD} more" if len(wrong) > _MAX_TOLD else ""
        raise ValueError(f"basic: `users`, {'; '.join(wrong[:_MAX_TOLD])}{more}. {_HOW}")
    if not users:
        raise ValueError(f"basic: `users` holds nobody. {_HOW}")
    return tuple(users.items())


def _user(line: str) -> tuple[str, str]:
    """Raises ValueError, which tells nothing of a hash: what stands in the wrong place may be a password."""
    name, colon, hashed = line.strip().partition(":")
    if not colon:
        raise ValueError("is not NAME:HASH")
    if not name or len(name) > _MAX_NAME or not name.isprintable():
        raise ValueError(f"a name is 1 to {_MAX_NAME} printable characters")
    try:
        judge_hash(hashed.partition(":")[0])  # some programs write more behind it
    except ValueError as error:
        raise ValueError(f"{name} has {error}") from None
    return prepared(name), hashed.partition(":")[0]
