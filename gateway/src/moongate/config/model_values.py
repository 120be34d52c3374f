"""Values that several parts of the model hold."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, TypeAlias

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from moongate.config.schema_types import TEXTS_SCHEMA
from moongate.core.fields import is_settable

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")  # RFC 9110 section 5.6.2
_VALUE: Final = re.compile(r"[\t\x20-\x7e]*\Z")


def _checked_name(value: str) -> str:
    if not _TOKEN.match(value):
        raise ValueError(f"{value!r} is no header name")
    if "_" in value:
        raise ValueError(
            f"{value!r}: headers with _ in their name are dropped on the way; write {value.replace('_', '-')}"
        )
    if not is_settable(value.encode("ascii")):
        raise ValueError(f"{value!r} belongs to the connection or to the gateway and is not for a filter to change")
    return value


def _checked_value(value: str) -> str:
    if not _VALUE.match(value) or value != value.strip():
        raise ValueError("a header's value is printable ASCII, without line breaks and without spaces around it")
    return value


def listed(value: Any) -> Any:
    """One thing, or a list of several."""
    return value if isinstance(value, list | tuple) or value is None else (value,)


HeaderName: TypeAlias = Annotated[str, AfterValidator(_checked_name)]
HeaderNames: TypeAlias = Annotated[tuple[HeaderName, ...], BeforeValidator(listed), WithJsonSchema(TEXTS_SCHEMA)]
HeaderValue: TypeAlias = Annotated[str, AfterValidator(_checked_value)]
