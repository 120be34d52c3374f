"""Identifiers: UUID version 7 (RFC 9562 section 5.7) as text.

Time-ordered, so new rows land at the right edge of every index and the order of ids is the order of creation.
"""

import os
import re

ID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_ID = re.compile(ID_PATTERN, re.ASCII)


def new_id(now: int) -> str:
    """A fresh id for the instant `now` in microseconds since 1970: 60 bits of it, then 62 of chance."""
    millis, micros = divmod(now, 1000)
    # RFC 9562 6.2 method 3: the 12 bits after the version hold the sub-millisecond part (micros * 4.096 < 4096).
    fraction = (micros << 12) // 1000
    random = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    value = (millis & ((1 << 48) - 1)) << 80 | 7 << 76 | fraction << 64 | 2 << 62 | random
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_id(text: str) -> bool:
    """Whether `text` could be one of our ids; asked before any database sees it."""
    return _ID.fullmatch(text) is not None
