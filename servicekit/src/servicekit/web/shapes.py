"""Shapes that the requests of every service have."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_PAGE = 500
MAX_WAIT_S = 25
"""Long polls end before the 30 s after which proxies give up."""

LINE = r"^[^\x00-\x1f\x7f]+$"
"""No control characters: a name is shown on one line, in lists, logs and pages."""

Limit = Annotated[int, Field(ge=1, le=MAX_PAGE)]
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class Closed(BaseModel):
    """Unknown members are refused, and nothing is converted: `"1"` is no number."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NoQuery(Closed):
    """No parameter is known here."""


class ProblemOut(BaseModel):
    """RFC 9457, with a `code` that programs can rely on."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[dict[str, str]] | None = None
