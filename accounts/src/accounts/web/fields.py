"""The values that the shapes of requests and answers are made of."""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints, WithJsonSchema

from accounts.domain import admin, client, credentials, grant, names, plan
from accounts.domain.ids import ID_TAIL
from accounts.domain.times import MAX_TIME

TIME_PATTERN = r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})$"
_TIME = re.compile(TIME_PATTERN, re.ASCII)


def _is_time(value: object) -> object:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError("must be an RFC 3339 date-time with an offset, such as 2027-01-31T09:30:00Z")
    return value.upper()


def _seconds(moment: datetime) -> int:
    try:
        return int(moment.astimezone(UTC).timestamp())
    except OverflowError:  # the offset leads out of the calendar
        raise ValueError("names no instant between the years 1 and 9999 in UTC") from None


# A time is whole seconds inside and RFC 3339 outside.
Time = Annotated[
    AwareDatetime,
    Field(strict=False),
    BeforeValidator(_is_time),
    AfterValidator(_seconds),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": TIME_PATTERN}),
]
TimeOut = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]

Line = Annotated[str, StringConstraints(min_length=1, max_length=names.MAX_LINE, pattern=names.LINE_PATTERN)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=names.MAX_LINE, pattern=names.NAME_PATTERN)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=names.MAX_WORD, pattern=names.WORD_PATTERN)]
Scope = Annotated[str, StringConstraints(max_length=names.MAX_WORD, pattern=names.SCOPE_PATTERN)]
Scopes = Annotated[list[Scope], Field(max_length=names.MAX_SCOPES, json_schema_extra={"uniqueItems": True})]
LabelKey = Annotated[str, StringConstraints(max_length=names.MAX_WORD - 1, pattern=names.LABEL_PATTERN)]
Labels = Annotated[dict[LabelKey, Line], Field(max_length=names.MAX_LABELS)]
Roles = Annotated[list[Word], Field(max_length=client.MAX_ROLES, json_schema_extra={"uniqueItems": True})]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=client.MAX_SUBJECT)]
Certificates = Annotated[
    list[Subject], Field(max_length=client.MAX_CERTIFICATES, json_schema_extra={"uniqueItems": True})
]
ClientIdent = Annotated[str, StringConstraints(pattern=rf"^cl_{ID_TAIL}$")]
KeyIdent = Annotated[str, StringConstraints(pattern=credentials.KEY_ID_PATTERN)]
Seconds = Annotated[int, Field(ge=0, le=MAX_TIME)]
Amount = Annotated[int, Field(ge=1, le=plan.MAX_REQUESTS)]
Action = Annotated[str, StringConstraints(pattern=grant.ACTION_PATTERN)]
Actions = Annotated[
    list[Action], Field(min_length=1, max_length=grant.MAX_ACTIONS, json_schema_extra={"uniqueItems": True})
]
Resource = Annotated[str, StringConstraints(min_length=1, max_length=grant.MAX_PATTERN)]
Parameter = Annotated[str, StringConstraints(pattern=grant.PARAMETER_PATTERN)]
Password = Annotated[str, StringConstraints(min_length=admin.MIN_PASSWORD, max_length=admin.MAX_PASSWORD)]
ClientState = Literal["active", "suspended", "closed"]
EffectName = Literal["allow", "deny"]
PeriodName = Literal["hour", "day", "month"]
