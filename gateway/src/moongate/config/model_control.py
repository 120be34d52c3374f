"""What the control process is told: where operators reach it, how it reloads, how it leaves."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Any, Final, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from moongate.config.address import parse_bind
from moongate.config.model_base import Duration, Pause, StrictModel
from moongate.config.schema_types import SHARE_SCHEMA
from moongate.config.units import parse_share
from moongate.core import limits

DEFAULT_ADMIN_BIND: Final = "127.0.0.1:9900"
MIN_TOKEN_CHARS: Final = 16
MAX_GUARD_SECONDS: Final = 600.0
_OFF: Final = ("false", "off", "no", "none")


def admin_or_none(value: Any) -> Any:
    """``off`` and its like are no admin address at all, ``on`` is the default one."""
    folded = str(value).lower() if isinstance(value, str | bool) else ""
    if folded in _OFF:
        return None
    return {} if folded in ("true", "on", "yes") else value


def _checked_bind(value: str) -> str:
    parse_bind(value)
    return value


def _checked_token(value: str | None) -> str | None:
    if value is None:
        return None
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("a token is made of letters, digits and signs, without spaces")
    if len(value) < MIN_TOKEN_CHARS:
        raise ValueError(f"a token has at least {MIN_TOKEN_CHARS} characters: `openssl rand -hex 32` makes one")
    return value


def _checked_window(value: float) -> float:
    if value > MAX_GUARD_SECONDS:
        raise ValueError(f"a window is at most {MAX_GUARD_SECONDS / 60:g}m: what goes wrong later has other causes")
    return value


Share: TypeAlias = Annotated[float, BeforeValidator(parse_share), WithJsonSchema(SHARE_SCHEMA)]


class AdminConfig(StrictModel):
    """Where operators and their tools reach the control process; never a client."""

    bind: Annotated[str, AfterValidator(_checked_bind)] = DEFAULT_ADMIN_BIND
    """ADDRESS:PORT. On another address than this machine's own (127.0.0.1) a token is needed."""
    token: Annotated[str | None, AfterValidator(_checked_token)] = None
    """What callers send as `Authorization: Bearer TOKEN`, as ${file:admin.token}; all but health then needs it."""

    @model_validator(mode="after")
    def _nobody_else_without_a_token(self) -> AdminConfig:
        host, _ = parse_bind(self.bind)
        if self.token is None and not ip_address(host).is_loopback:
            raise ValueError(f"others can reach {self.bind}: give it a `token`, or bind it to 127.0.0.1")
        return self


class GuardConfig(StrictModel):
    """When a reload is taken back: the share of failed requests rises by more than a bound soon after it."""

    window: Annotated[Duration, AfterValidator(_checked_window)] = limits.GUARD_WINDOW_SECONDS
    """How long a new config is watched, as 30s."""
    max_5xx: Share | None = limits.GUARD_MAX_5XX
    """How far the share of answers 500 to 599 may rise above what it was before, as 5%."""
    max_4xx: Share | None = None
    """The same for 400 to 499; not watched where absent."""
    min_requests: Annotated[int, Field(ge=1)] = limits.GUARD_MIN_REQUESTS
    """So many requests have to be answered before anything is judged."""


class ReloadConfig(StrictModel):
    """How a new config is taken up."""

    guard: GuardConfig | None = None
    """Takes a reload back that makes requests fail; `{}` is 5% more 5xx within 30s."""


class DrainConfig(StrictModel):
    """How the gateway leaves when it is told to end."""

    notice: Pause = limits.DRAIN_NOTICE_SECONDS
    """How long requests are still taken after readiness says no, each answered with `Connection: close`; 0s is none."""
    timeout: Duration = limits.DRAIN_SECONDS
    """How long running requests then have to end."""
