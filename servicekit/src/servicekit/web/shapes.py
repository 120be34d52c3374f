"""Shapes that the requests of every service have."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints
from pydantic_core import PydanticCustomError, core_schema

MAX_PAGE = 500
MAX_WAIT_S = 25
"""Long polls end before the 30 s after which proxies give up."""

LINE = r"^[^\x00-\x1f\x7f]+$"
"""No control characters: a name is shown on one line, in lists, logs and pages."""

Limit = Annotated[int, Field(ge=1, le=MAX_PAGE)]
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


@dataclass(frozen=True, slots=True)
class Spelled:
    """How a text has to be written: `pattern` for programs, and `rule` for whoever wrote another one."""

    pattern: str
    rule: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        form = re.compile(self.pattern, re.ASCII)

        def check(text: str) -> str:
            if form.fullmatch(text) is None:
                raise PydanticCustomError("string_pattern_mismatch", "{rule}", {"rule": self.rule})
            return text

        return core_schema.no_info_after_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": self.pattern}


ONE_LINE = Spelled(LINE, "must be one line, without control characters")


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
