"""What all settings of filters that ask a service have in common."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator

from moongate.config.model_base import Duration, StrictModel

_TARGET: Final = re.compile(r"/[!-~]*\Z")  # RFC 9112 section 3.2.1, in printable ASCII
_MAX_TARGET_CHARS: Final = 2048


def _checked_target(value: str) -> str:
    if "://" in value and not value.startswith("/"):
        raise ValueError(f"{value!r}: the service says where that is; write the path alone")
    if not _TARGET.match(value) or "#" in value or len(value) > _MAX_TARGET_CHARS:
        raise ValueError(f"{value!r} is no path: it begins with /, and what is no printable ASCII is percent-encoded")
    return value


class AskingConfig(StrictModel):
    """Whom to ask."""

    service: str
    """The service that is asked, by its name under `services`: targets, TLS and timeouts are those said there."""
    path: Annotated[str, AfterValidator(_checked_target)]
    """The path that it is asked at; it may have a query."""
    timeout: Duration = 1.0
    """How long it is waited for; then the answer is 503."""
