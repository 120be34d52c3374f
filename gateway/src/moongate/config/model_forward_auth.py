"""An authorizer of one's own, as a person writes it."""

from __future__ import annotations

from typing import Annotated, Self, TypeAlias

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema, model_validator

from moongate.config.model_asking import AskingConfig
from moongate.config.model_base import Pause  # noqa: TC001 - pydantic reads it
from moongate.config.model_values import HeaderName, HeaderNames, listed
from moongate.config.schema_types import TEXTS_SCHEMA
from moongate.core.fields import NOT_FETCHED, NOT_FETCHED_PREFIXES


def _checked_sent(value: str) -> str:
    name = value.lower().encode("ascii")
    if name in NOT_FETCHED or name.startswith(NOT_FETCHED_PREFIXES):
        raise ValueError(
            f"{value!r} is never sent: the authorizer is told method and path by the gateway, and gets no body, no "
            "condition and no range"
        )
    return value


_Sent: TypeAlias = Annotated[
    tuple[Annotated[HeaderName, AfterValidator(_checked_sent)], ...],
    BeforeValidator(listed),
    WithJsonSchema(TEXTS_SCHEMA),
]


class ForwardAuthConfig(AskingConfig):
    """A service that says whether a request may go on: 2xx lets it, 3xx and 4xx are the client's answer."""

    request_headers: _Sent | None = None
    """Header fields of the request that the service is sent; all of them where absent."""
    response_headers: HeaderNames = ()
    """Header fields of its answer that the request goes on with; a caller's own under these names never do."""
    client: HeaderName | None = None
    """The header field of its answer that says who calls, as X-Auth-User: that is the client of filters behind this
    one, of X-Client-Id and of the log."""
    cache: Pause = 0.0
    """How long a 2xx holds for requests of which the service would be told the same; 0s asks about each."""

    @model_validator(mode="after")
    def _worth_remembering(self) -> Self:
        if self.cache and self.request_headers is None:
            raise ValueError(
                "with `cache`, name the `request_headers` that decide: hardly two requests are alike in all of them"
            )
        return self
