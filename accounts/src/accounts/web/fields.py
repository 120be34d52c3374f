"""The values that the shapes of requests and answers are made of."""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints, WithJsonSchema

from accounts.domain import admin, client, credentials, grant, names, plan
from accounts.domain.ids import ID_TAIL
from accounts.domain.times import MAX_TIME
from servicekit.web.shapes import Spelled

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

Line = Annotated[
    str, StringConstraints(min_length=1, max_length=names.MAX_LINE), Spelled(names.LINE_PATTERN, names.LINE_RULE)
]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=names.MAX_LINE), Spelled(names.NAME_PATTERN, names.NAME_RULE)
]
Word = Annotated[
    str, StringConstraints(min_length=1, max_length=names.MAX_WORD), Spelled(names.WORD_PATTERN, names.WORD_RULE)
]
Scope = Annotated[str, StringConstraints(max_length=names.MAX_WORD), Spelled(names.SCOPE_PATTERN, names.SCOPE_RULE)]
Scopes = Annotated[list[Scope], Field(max_length=names.MAX_SCOPES, json_schema_extra={"uniqueItems": True})]
LabelKey = Annotated[
    str, StringConstraints(max_length=names.MAX_WORD - 1), Spelled(names.LABEL_PATTERN, names.LABEL_RULE)
]
Labels = Annotated[dict[LabelKey, Line], Field(max_length=names.MAX_LABELS)]
Roles = Annotated[list[Word], Field(max_length=client.MAX_ROLES, json_schema_extra={"uniqueItems": True})]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=client.MAX_SUBJECT)]
Certificates = Annotated[
    list[Subject], Field(max_length=client.MAX_CERTIFICATES, json_schema_extra={"uniqueItems": True})
]
ClientIdent = Annotated[str, Spelled(rf"^cl_{ID_TAIL}$", "must be the id of a client, cl_..., as /v1/clients tells it")]
KeyIdent = Annotated[
    str, Spelled(credentials.KEY_ID_PATTERN, "must be the id of a key: the 12 letters and digits after mg_ENV_")
]
Seconds = Annotated[int, Field(ge=0, le=MAX_TIME)]
Amount = Annotated[int, Field(ge=1, le=plan.MAX_REQUESTS)]
Action = Annotated[str, Spelled(grant.ACTION_PATTERN, grant.ACTION_RULE)]
OneAction = Annotated[str, Spelled(grant.ONE_ACTION_PATTERN, grant.ONE_ACTION_RULE)]
Env = Annotated[str, Spelled(credentials.ENV_PATTERN, credentials.ENV_RULE)]
Actions = Annotated[
    list[Action], Field(min_length=1, max_length=grant.MAX_ACTIONS, json_schema_extra={"uniqueItems": True})
]
Resource = Annotated[str, StringConstraints(min_length=1, max_length=grant.MAX_PATTERN)]
Parameter = Annotated[str, Spelled(grant.PARAMETER_PATTERN, "must be the name of a query parameter")]
Password = Annotated[str, StringConstraints(min_length=admin.MIN_PASSWORD, max_length=admin.MAX_PASSWORD)]
ClientState = Literal["active", "suspended", "closed"]
EffectName = Literal["allow", "deny"]
PeriodName = Literal["hour", "day", "month"]
