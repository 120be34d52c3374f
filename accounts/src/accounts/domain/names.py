"""What people may call things: one line, visible, the same to every reader."""

import re
import unicodedata

from accounts.domain.errors import InvalidValueError

# No control, no direction override, nothing of zero width: two names that look alike are alike, and a name ends no line
# in a log, a table or a page.
LINE_PATTERN = (
    r"^[^\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
    r"[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]*$"
)
# Of a name that people know a thing by, no two spellings may look alike either: a space is the keyboard's, alone and
# between words, and accents are what NFC makes of them.
_SEEN = r"[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2069\u3000\ufeff]+"
NAME_PATTERN = rf"^{_SEEN}( {_SEEN})*$"
LINE_RULE = "must be visible characters on one line, not beginning with a space"
NAME_RULE = "must be visible characters on one line, spaces only between words and one at a time"
WORD_PATTERN = r"^[a-z0-9][a-z0-9_-]*$"
WORD_RULE = "must be lower-case letters, digits, hyphens and underscores, beginning with a letter or digit"
SCOPE_PATTERN = r"^[\x21\x23-\x5b\x5d-\x7e]+$"
"""RFC 6749 section 3.3."""
SCOPE_RULE = "must be visible ASCII characters without quotes and backslashes"
LABEL_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._/-]*$"
LABEL_RULE = "must be A-Z a-z 0-9 . _ / - beginning with a letter or digit"
MAX_LINE = 200
MAX_WORD = 64
MAX_SCOPES = 64
MAX_LABELS = 64
_LINE, _NAME, _WORD = re.compile(LINE_PATTERN), re.compile(NAME_PATTERN), re.compile(WORD_PATTERN, re.ASCII)
_SCOPE, _LABEL = re.compile(SCOPE_PATTERN, re.ASCII), re.compile(LABEL_PATTERN, re.ASCII)


def check_line(field: str, text: str) -> None:
    """Raises InvalidValueError for a name that is empty, long, or holds what cannot be seen."""
    if not (len(text) <= MAX_LINE and _LINE.fullmatch(text)):
        raise InvalidValueError(field, "bad_name", f"{LINE_RULE}, {MAX_LINE} at most")


def normal(name: str) -> str:
    """A name as it is kept and compared: keyboards differ in whether an accent is a character of its own.

    What is too long for a name in any form stays as it is: Python's time for it may grow with the square.
    """
    return unicodedata.normalize("NFC", name) if len(name) <= 4 * MAX_LINE else name


def new_name(field: str, text: str) -> str:
    """The name to keep of what somebody typed. Raises InvalidValueError for one that could be taken for another."""
    name = normal(text)
    if not (len(name) <= MAX_LINE and _NAME.fullmatch(name)):
        raise InvalidValueError(field, "bad_name", f"{NAME_RULE}, {MAX_LINE} at most")
    return name


def is_word(text: str) -> bool:
    """Whether `text` could be the identifier of a role or a plan; asked before any database sees it."""
    return len(text) <= MAX_WORD and _WORD.fullmatch(text) is not None


def check_word(field: str, text: str) -> None:
    """Raises InvalidValueError for what is no identifier of a role or a plan."""
    if not is_word(text):
        raise InvalidValueError(field, "bad_word", f"{WORD_RULE}, {MAX_WORD} at most")


def check_scopes(field: str, scopes: tuple[str, ...]) -> None:
    """Raises InvalidValueError for too many scopes, one twice, or one that RFC 6749 does not allow."""
    if len(scopes) > MAX_SCOPES or len(set(scopes)) < len(scopes):
        raise InvalidValueError(field, "bad_scopes", f"must be at most {MAX_SCOPES} scopes, each once")
    for index, scope in enumerate(scopes):
        if not (len(scope) <= MAX_WORD and _SCOPE.fullmatch(scope)):
            raise InvalidValueError(f"{field}/{index}", "bad_scope", f"{SCOPE_RULE}, {MAX_WORD} at most")


def check_labels(field: str, labels: dict[str, str]) -> None:
    """Raises InvalidValueError for too many labels, or a key or value that is no label's."""
    if len(labels) > MAX_LABELS:
        raise InvalidValueError(field, "too_many", f"must be {MAX_LABELS} at most")
    for key, value in labels.items():
        if not (len(key) < MAX_WORD and _LABEL.fullmatch(key)):
            detail = "has a key that is not 1 to 63 of A-Z a-z 0-9 . _ / - beginning with a letter or digit"
            raise InvalidValueError(field, "bad_label", detail)
        check_line(f"{field}/{key}", value)
