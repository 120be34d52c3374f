"""What resources may be called: one line, visible, and no two spellings of it look alike."""

import unicodedata

_SEEN = r"[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2069\u3000\ufeff]+"
NAME_PATTERN = rf"^{_SEEN}( {_SEEN})*$"
NAME_RULE = "must be visible characters on one line, spaces only between words and one at a time"
MAX_NAME = 200


def normal(name: str) -> str:
    """A name as it is kept and compared: keyboards differ in whether an accent is a character of its own.

    What is too long for a name in any form stays as it is: Python's time for it may grow with the square.
    """
    return unicodedata.normalize("NFC", name) if len(name) <= 4 * MAX_NAME else name
