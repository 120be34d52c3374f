"""What the forms of the pages send, and how a refusal finds its way back to the field it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from flask import Request

from accounts.domain.errors import DuplicateNameError, InvalidValueError, StateConflictError
from servicekit.core.errors import StaleVersionError
from servicekit.web.body import read_bytes
from servicekit.web.problems import RefusalError

FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 200
REFUSALS = (InvalidValueError, DuplicateNameError, StateConflictError, StaleVersionError)
"""What is told at the form that asked for it; everything else has a page of its own."""


@dataclass(frozen=True, slots=True)
class Form:
    """The fields that were sent, in their order; a name may be there several times."""

    pairs: Sequence[tuple[str, str]] = ()

    def text(self, name: str) -> str:
        """The first of that name without spaces around it, else nothing."""
        return next((value.strip() for key, value in self.pairs if key == name), "")

    def raw(self, name: str) -> str:
        """The same as it was typed, for passwords."""
        return next((value for key, value in self.pairs if key == name), "")

    def every(self, name: str) -> tuple[str, ...]:
        """All of that name."""
        return tuple(value for key, value in self.pairs if key == name)

    def words(self, name: str) -> tuple[str, ...]:
        """A text cut at spaces and commas."""
        return tuple(self.text(name).replace(",", " ").split())

    def number(self, name: str) -> int | None:
        """A whole number, None where nothing was typed. Raises InvalidValueError."""
        text = self.text(name)
        if text and not (text.isascii() and text.isdigit() and len(text) <= 15):
            raise InvalidValueError(name, "bad_number", "must be a whole number")
        return int(text) if text else None

    def day(self, name: str) -> int | None:
        """The midnight, UTC, that a date begins with, in seconds; None for no date. Raises InvalidValueError."""
        text = self.text(name)
        try:
            return int(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()) if text else None
        except ValueError:
            raise InvalidValueError(name, "bad_date", "must be a date such as 2030-01-31") from None

    def members(self, name: str) -> dict[str, str]:
        """`key=value` texts, cut at spaces and commas. Raises InvalidValueError."""
        found = {}
        for word in self.words(name):
            key, equals, value = word.partition("=")
            if not equals or key in found:
                raise InvalidValueError(name, "bad_member", "must be key=value, each key once")
            found[key] = value
        return found


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was not taken: which one, what is wrong by field ("" for the whole), and what was typed."""

    name: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    form: Form = field(default_factory=Form)

    @property
    def status(self) -> int:
        """Of the answer that shows it."""
        return 422 if self.errors else 200


def read_form(request: Request) -> Form:
    """The form of a request. Raises RefusalError."""
    if request.mimetype != FORM:
        raise RefusalError(415, "unsupported_media_type", f"send the form as {FORM}")
    try:
        text = read_bytes(request).decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise RefusalError(400, "bad_form", f"the form is malformed, or has more than {MAX_FIELDS} fields") from None
    if any("\x00" in name or "\x00" in value for name, value in pairs):
        raise RefusalError(400, "bad_form", "the form contains a NUL character")
    return Form(pairs)


def refuse(name: str, form: Form, error: Exception) -> Refused:
    """What one of `REFUSALS` says at its field."""
    match error:
        case InvalidValueError():
            errors = {error.field.partition("/")[0]: error.detail}
        case DuplicateNameError():
            errors = {"name": f"another {error.what} has this name: choose another"}
        case StateConflictError():
            errors = {"": error.detail}
        case _:
            errors = {"": "somebody changed it since you opened the page: this is how it is now"}
    return Refused(name, errors, form)
