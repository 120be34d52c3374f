"""A grant: who holds it may do these actions to the resources of a pattern, or must not.

A pattern is `/`-separated segments: a literal, `*` for exactly one, and as the last `**` for any number, also none.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote_to_bytes

from accounts.domain.errors import InvalidValueError
from accounts.domain.names import check_line
from accounts.domain.times import SECOND

ANY_ACTION = "*"
MAX_PATTERN = 512
MAX_SEGMENTS = 32
MAX_ACTIONS = 32
MAX_QUERY = 16
MAX_GRANTS = 1000
"""Of one client, and of one role: a gateway tries them one by one."""
ACTION_PATTERN = r"^([a-z][a-z0-9_-]{0,31}|\*)$"
ONE_ACTION_PATTERN = r"^[a-z][a-z0-9_-]{0,31}$"
ONE_ACTION_RULE = "must be one action, a lower-case word such as read"
ACTION_RULE = "must be a word such as read, or * for every action"
PARAMETER_PATTERN = r"^[A-Za-z0-9_.~$:\[\]-]{1,100}$"
_ACTION, _ONE_ACTION = re.compile(ACTION_PATTERN, re.ASCII), re.compile(ONE_ACTION_PATTERN, re.ASCII)
_PARAMETER = re.compile(PARAMETER_PATTERN, re.ASCII)
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class Effect(StrEnum):
    """Deny wins over allow, whatever the order."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Grant:
    """`expires_at` is in seconds since 1970, None for never. `query` is what the gateway forces on the query string."""

    resource: str
    actions: tuple[str, ...]
    effect: Effect = Effect.ALLOW
    expires_at: int | None = None
    query: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_pattern(self.resource)
        if not 1 <= len(self.actions) <= MAX_ACTIONS or len(set(self.actions)) < len(self.actions):
            raise InvalidValueError("actions", "bad_actions", f"must be 1 to {MAX_ACTIONS} actions, each once")
        for index, action in enumerate(self.actions):
            if not _ACTION.fullmatch(action):
                raise InvalidValueError(f"actions/{index}", "bad_action", ACTION_RULE)
        if self.query and self.effect is Effect.DENY:
            raise InvalidValueError("query", "query_of_deny", "narrows what is allowed: a deny has none")
        if len(self.query) > MAX_QUERY:
            raise InvalidValueError("query", "too_many", f"must be {MAX_QUERY} parameters at most")
        for name, value in self.query.items():
            if not _PARAMETER.fullmatch(name):
                raise InvalidValueError("query", "bad_parameter", "has a name that is no query parameter's")
            check_line(f"query/{name}", value)

    def covers(self, segments: tuple[str, ...], action: str) -> bool:
        """Whether it speaks of this resource and action."""
        return (ANY_ACTION in self.actions or action in self.actions) and matches(self.resource, segments)

    def is_live(self, now: int) -> bool:
        """Whether it has not expired at the instant `now`, in microseconds."""
        return self.expires_at is None or now < self.expires_at * SECOND


def check_one_action(action: str) -> None:
    """Raises InvalidValueError for what nobody can ask to do; `*` grants every action and is none."""
    if not _ONE_ACTION.fullmatch(action):
        raise InvalidValueError("action", "bad_action", ONE_ACTION_RULE)


def check_pattern(pattern: str) -> None:
    """Raises InvalidValueError for what is no pattern of resources."""
    segments = pattern.split("/")
    if len(pattern) > MAX_PATTERN or len(segments) > MAX_SEGMENTS:
        detail = f"must be {MAX_PATTERN} characters and {MAX_SEGMENTS} segments at most"
        raise InvalidValueError("resource", "too_long", detail)
    for number, segment in enumerate(segments, 1):
        trouble = _trouble(segment, number == len(segments))
        if trouble:
            raise InvalidValueError("resource", "bad_pattern", f"has a segment {number} that {trouble}")


def matches(pattern: str, segments: tuple[str, ...]) -> bool:
    """Whether the resource of these segments is one of the pattern's: they are compared by the octets that they stand
    for once percent-decoded, as gateways do (docs/accounts-feed.md)."""
    parts = pattern.split("/")
    if parts[-1] == "**":
        parts.pop()
        if len(segments) < len(parts):
            return False
    elif len(segments) != len(parts):
        return False
    pairs = zip(parts, segments, strict=False)
    return all(part == "*" or unquote_to_bytes(part) == unquote_to_bytes(segment) for part, segment in pairs)


def _trouble(segment: str, is_last: bool) -> str | None:
    if segment == "":
        return "is empty: a pattern neither begins nor ends with a slash, nor has two in a row"
    if segment in (".", ".."):
        return "is a dot segment, which no request's path has"
    if segment == "**":
        return None if is_last else "is **, which only the last one may be"
    if "*" in segment and segment != "*":
        return "has * beside other characters: * stands for a whole segment"
    if _UNSEEN.search(segment):
        return "holds a space or something that cannot be seen"
    return None


@dataclass(frozen=True, slots=True)
class ClientGrant:
    """A grant that a client holds itself, with an id to take it back by."""

    id: str
    client_id: str
    grant: Grant
    created_at: int
