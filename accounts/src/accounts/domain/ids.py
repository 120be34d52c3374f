"""Identifiers: a prefix that says of what, nine digits of time, nine of chance, in base62.

Time-ordered, so the order of ids is the order of creation and pages are stable while others write. The digits are
those of the keys' format (`0-9A-Za-z`), whose order is that of ASCII, so text compares as numbers do.
"""

import re
import secrets
import string
from typing import Final

DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
TIME_DIGITS: Final = 9  # 62^9 microseconds reach to the year 2398
CHANCE_DIGITS: Final = 9
CLIENT, GRANT, GATEWAY, ADMIN = "cl", "gr", "gw", "ad"
ID_TAIL = f"[0-9A-Za-z]{{{TIME_DIGITS + CHANCE_DIGITS}}}"
_ID = re.compile(rf"(?:cl|gr|gw|ad)_{ID_TAIL}", re.ASCII)


def base62(number: int, width: int) -> str:
    """`number` in base62, most significant digit first, padded with `0` to `width`. Raises ValueError when too wide."""
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits.append(DIGITS[digit])
    if number:
        raise ValueError("the number has more digits")
    return "".join(reversed(digits))


def random_text(length: int) -> str:
    """Base62 digits of chance: 5.95 bits each, from the system's own generator."""
    return "".join(secrets.choice(DIGITS) for _ in range(length))


def new_id(prefix: str, now: int) -> str:
    """A fresh id for the instant `now` in microseconds since 1970."""
    return f"{prefix}_{base62(now, TIME_DIGITS)}{random_text(CHANCE_DIGITS)}"


def is_id(text: str, prefix: str) -> bool:
    """Whether `text` could be one of our ids with this prefix; asked before any database sees it."""
    return text.startswith(prefix + "_") and _ID.fullmatch(text) is not None
