"""Filters as a person writes them: a name, or a mapping of one kind to its settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

from pydantic import AfterValidator, Field, model_validator

from moongate.config.model_auth import AuthenticateConfig, AuthorizeConfig
from moongate.config.model_base import StrictModel
from moongate.config.model_forward_auth import ForwardAuthConfig  # noqa: TC001 - pydantic reads it
from moongate.config.model_values import (  # noqa: TC001 - pydantic reads them
    HeaderName,
    HeaderNames,
    HeaderValue,
)

if TYPE_CHECKING:
    from moongate.config.model_asking import AskingConfig

_PLACE: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*\Z")


def _checked_place(value: str) -> str:
    if not _PLACE.match(value):
        raise ValueError(f"{value!r} is no place of a function: write package.module:function")
    return value


class FieldsConfig(StrictModel):
    """Header fields to set, add and remove."""

    set: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    """Fields that replace whatever stands under their names."""
    add: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    """Fields that stand beside others of their names."""
    remove: HeaderNames = ()
    """Names of fields that go no further."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.set or self.add or self.remove):
            raise ValueError("nothing is changed: name fields under `set`, `add` or `remove`")
        return self


class PythonConfig(StrictModel):
    """A function of your own; ``package.module:function`` alone is short for ``{filter: ...}``."""

    filter: Annotated[str, AfterValidator(_checked_place)]
    """package.module:function, installed beside moongate or in the directory of this config. It is called with each
    exchange, and returns None to let it go on, or a Response."""
    settings: Annotated[dict[str, Any] | None, Field(alias="with")] = None
    """Where given, the function is called once with these by keyword and returns the function that is called with each
    exchange."""

    @model_validator(mode="before")
    @classmethod
    def _from_place(cls, value: Any) -> Any:
        return {"filter": value} if isinstance(value, str) else value


class FilterConfig(StrictModel):
    """One step that a request passes: one kind, and its settings."""

    authenticate: AuthenticateConfig | None = None
    """Find out who calls, and refuse who does not show it."""
    authorize: AuthorizeConfig | None = None
    """Refuse what the client may not do. Stands behind authenticate."""
    forward_auth: ForwardAuthConfig | None = None
    """Ask a service of yours whether the request may go on."""
    request_headers: FieldsConfig | None = None
    """Change header fields of the request before the service sees them."""
    response_headers: FieldsConfig | None = None
    """Change header fields of the response before the client sees them."""
    python: PythonConfig | None = None
    """A function of your own: package.module:function."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [name for name in FILTER_KINDS if getattr(self, name) is not None]
        if len(kinds) > 1:
            raise ValueError(
                f"one filter is of one kind, and this names {' and '.join(kinds)}: make each an item of its own"
            )
        if not kinds and self._is_empty:
            raise ValueError(f"a filter is of one kind: {', '.join(FILTER_KINDS)}")
        return self

    @property
    def _is_empty(self) -> bool:
        return True

    @property
    def kind(self) -> str:
        """The one kind that is there."""
        return next(name for name in FILTER_KINDS if getattr(self, name) is not None)

    @property
    def asked(self) -> tuple[str, ...]:
        """The services that it asks about requests."""
        asking: list[AskingConfig | None] = [self.forward_auth]
        if self.authorize is not None:
            asking.append(self.authorize.opa)
        if self.authenticate is not None:
            asking += [method.introspection for method in self.authenticate.methods]
        return tuple(each.service for each in asking if each is not None)


class FilterUseConfig(FilterConfig):
    """A filter of a route: a name, which is short for ``{use: NAME}``, or a filter of its own."""

    use: str | None = None
    """The name of a filter under `filters`, or of a kind that needs no settings."""

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"use": value} if isinstance(value, str) else value

    @property
    def _is_empty(self) -> bool:
        return self.use is None


FILTER_KINDS: Final = tuple(FilterConfig.model_fields)
"""Every kind of filter, as it is called in a config."""
BARE_KINDS: Final = {
    "authenticate": FilterConfig(authenticate=AuthenticateConfig()),
    "authorize": FilterConfig(authorize=AuthorizeConfig()),
}
"""What the name of a kind alone stands for, of those that need no settings."""
