"""The config as a person writes it. Field descriptions are the reference: the JSON Schema is made of them.

Every model is frozen and refuses unknown keys. Values are kept in the form a program wants (seconds, bytes), so that
two spellings of one config are equal. What needs a judge from a higher room (path and host patterns) asks the
validation context for it, under `PATH_JUDGE` and `HOST_JUDGE`; without one, the compiler judges later.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_interface, ip_network
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    PrivateAttr,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from moongate.config.address import parse_bind, parse_target_url
from moongate.config.model_accounts import AccountsConfig  # noqa: TC001 - pydantic needs it when it runs
from moongate.config.model_base import Duration, StrictModel
from moongate.config.model_control import AdminConfig, DrainConfig, ReloadConfig, admin_or_none
from moongate.config.model_dns import DnsConfig, Resolve, check_resolve
from moongate.config.model_filters import FilterConfig, FilterUseConfig  # noqa: TC001 - pydantic reads them
from moongate.config.model_tls import ListenerTlsConfig, ServiceTlsConfig
from moongate.config.model_tokens import TokensConfig
from moongate.config.problem import ConfigInvalid, Finding, Loc, Problem
from moongate.config.schema_types import (
    LIST_OR_TEXT_SCHEMA,
    SIZE_SCHEMA,
    UPGRADE_SCHEMA,
    VALUE_SCHEMA,
)
from moongate.config.units import parse_size
from moongate.core import limits
from moongate.core.fields import PASS, REQUEST_KINDS

if TYPE_CHECKING:
    from moongate.config.code_sources import CodeSources
    from moongate.config.sources import Sources

PATH_JUDGE: Final = "path"
HOST_JUDGE: Final = "host"
DEFAULT_BIND: Final = "127.0.0.1:8080"

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}\Z")
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")  # RFC 9110 section 5.6.2
_ACTION: Final = re.compile(r"[a-z][a-z0-9_.-]{0,62}\Z")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def _checked_name(value: str) -> str:
    if not _NAME.match(value):
        raise ValueError(
            f"{value!r} is no name: letters, digits, - _ and . (at most 63, starting with a letter or digit)"
        )
    return value


def _checked_method(value: str) -> str:
    if value == "*":
        raise ValueError("every method is taken where `methods` is left out")
    if not _TOKEN.match(value):
        raise ValueError(f"{value!r} is no method")
    if value != value.upper():
        raise ValueError(f"{value!r}: methods are case-sensitive, write {value.upper()}")
    if value in ("TRACE", "CONNECT"):
        raise ValueError(f"{value} is never forwarded")
    return value


def _checked_action(value: str) -> str:
    if not _ACTION.match(value):
        raise ValueError(f"{value!r} is no action: a word in lower case, as in approve")
    return value


def _checked_url(value: str) -> str:
    parse_target_url(value)
    return value.rstrip("/")


def _checked_bind(value: str) -> str:
    parse_bind(value)
    return value


def _judged_path(value: str, info: ValidationInfo) -> str:
    (info.context or {}).get(PATH_JUDGE, str)(value)
    return value


def _judged_host(value: str, info: ValidationInfo) -> str:
    (info.context or {}).get(HOST_JUDGE, str)(value)
    return value


def _checked_field_name(value: str) -> str:
    if not _TOKEN.match(value):
        raise ValueError(f"{value!r} is no header name")
    if value.lower() == "host":
        raise ValueError("the host is matched with `host: NAME`, not as a header")
    if "_" in value:
        raise ValueError(
            f"{value!r}: headers with _ in their name never reach a service; write {value.replace('_', '-')}"
        )
    if REQUEST_KINDS.of(value.encode("ascii")) != PASS:
        raise ValueError(f"{value!r} belongs to the connection or to the gateway and cannot be matched")
    return value


def _named_once(value: Any) -> Any:
    if isinstance(value, dict) and len({str(name).lower() for name in value}) < len(value):
        raise ValueError("a header is named twice: case does not tell header names apart")
    return value


def _checked_field_value(value: str | None) -> str | None:
    if value is not None and (_CONTROL.search(value) or value != value.strip()):
        raise ValueError("a header's value holds no control characters and no spaces around it")
    return value


def _presence(value: Any) -> Any:
    """``{present: true}`` says in TOML what an empty value says in YAML."""
    return None if value == {"present": "true"} or value == {"present": True} else value


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) or value is None else (value,)


def _network(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return ip_network(value)
    except ValueError:
        try:
            meant = ip_interface(value).network
        except ValueError:
            raise ValueError(f"{value!r} is no network: write 10.0.0.0/8 or 192.0.2.7") from None
        raise ValueError(f"{value!r} has bits beyond its prefix: write {meant}") from None


Name: TypeAlias = Annotated[str, AfterValidator(_checked_name)]
Size: TypeAlias = Annotated[int | None, BeforeValidator(parse_size), WithJsonSchema(SIZE_SCHEMA)]
FieldName: TypeAlias = Annotated[str, AfterValidator(_checked_field_name)]
FieldValue: TypeAlias = Annotated[
    str | None, BeforeValidator(_presence), AfterValidator(_checked_field_value), WithJsonSchema(VALUE_SCHEMA)
]
QueryValue: TypeAlias = Annotated[str | None, BeforeValidator(_presence), WithJsonSchema(VALUE_SCHEMA)]
Method: TypeAlias = Annotated[str, AfterValidator(_checked_method)]
HostName: TypeAlias = Annotated[str, AfterValidator(_judged_host)]
Network: TypeAlias = Annotated[
    IPv4Network | IPv6Network, BeforeValidator(_network), PlainSerializer(str, return_type=str)
]


class ListenerConfig(StrictModel):
    """A socket on which clients are accepted."""

    bind: Annotated[str, AfterValidator(_checked_bind)] = DEFAULT_BIND
    """ADDRESS:PORT, an IPv6 address in brackets. 0.0.0.0 is every address, 127.0.0.1 this machine only."""
    tls: ListenerTlsConfig | None = None
    """TLS on this socket; plain HTTP where absent."""


class TargetConfig(StrictModel):
    """One place where a service runs; a bare URL is short for ``{url: URL}``."""

    url: Annotated[str, AfterValidator(_checked_url)]
    """http://HOST:PORT or https://HOST:PORT, without path: requests keep their own."""
    weight: Annotated[int, Field(ge=1, le=1000)] = 1
    """Share of requests relative to the other targets, 1 to 1000."""
    resolve: Resolve | None = None
    """Follow the URL's name in DNS: `addresses` makes a target of every address that it has, `srv` of every SRV record,
    as in http://_http._tcp.example.internal. Where absent, the system looks the name up for each new connection."""

    @model_validator(mode="before")
    @classmethod
    def _from_url(cls, value: Any) -> Any:
        return {"url": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _can_be_resolved(self) -> TargetConfig:
        check_resolve(self.url, self.resolve, has_weight="weight" in self.model_fields_set)
        return self


class TimeoutsConfig(StrictModel):
    """How long a service may take, as 500ms, 30s, 2m."""

    connect: Duration = limits.CONNECT_SECONDS
    """To accept a connection."""
    response_head: Duration = limits.RESPONSE_HEAD_SECONDS
    """From the end of the request to the head of the response."""
    body_idle: Duration = limits.BODY_IDLE_SECONDS
    """Between two pieces of a body."""


class ServiceConfig(StrictModel):
    """A named upstream."""

    targets: Annotated[tuple[TargetConfig, ...], Field(min_length=1)]
    """Where it runs: URLs, or mappings of url, weight and resolve."""
    timeouts: TimeoutsConfig = TimeoutsConfig()
    """How long it may take."""
    tls: ServiceTlsConfig = ServiceTlsConfig()
    """How its https targets are spoken to."""


class MatchConfig(StrictModel):
    """What a request must look like to take a route; everything that is given must hold."""

    path: Annotated[str, AfterValidator(_judged_path)] = "/**"
    """Literal segments, {name} for one segment, {name:a|b} for one of several words, a tail /** for the rest."""
    host: HostName | None = None
    """A host name, or *.example.com for every name below example.com."""
    hosts: Annotated[tuple[HostName, ...], Field(min_length=1)] | None = None
    """Several hosts, any of which will do."""
    methods: (
        Annotated[
            tuple[Method, ...], BeforeValidator(_listed), Field(min_length=1), WithJsonSchema(LIST_OR_TEXT_SCHEMA)
        ]
        | None
    ) = None
    """Methods that are taken, in upper case; GET brings HEAD with it. All methods where absent."""
    headers: Annotated[dict[FieldName, FieldValue], BeforeValidator(_named_once)] = Field(default_factory=dict)
    """Header fields that must have this value; with an empty value (or {present: true}) any value will do."""
    query: dict[str, QueryValue] = Field(default_factory=dict)
    """Query parameters that must have this value, decoded; with an empty value (or {present: true}) any will do."""

    @model_validator(mode="after")
    def _one_way_to_name_hosts(self) -> MatchConfig:
        if self.host is not None and self.hosts is not None:
            raise ValueError("`host` and `hosts` both stand here: put all names under `hosts`")
        return self

    @property
    def all_hosts(self) -> tuple[str, ...]:
        """The hosts, however they were written; empty where every host will do."""
        return self.hosts or (() if self.host is None else (self.host,))


class RouteConfig(StrictModel):
    """Which requests go to which service."""

    name: Name
    """Names the route in logs and metrics."""
    match: MatchConfig
    """What a request must look like; of several routes that match, the most specific one takes it."""
    service: str
    """The name of a service under `services`."""
    max_body: Size = limits.MAX_BODY_BYTES
    """The largest request body, as 10MiB or 512KiB, or `unlimited`."""
    upgrade: Annotated[tuple[Literal["websocket"], ...], BeforeValidator(_listed), WithJsonSchema(UPGRADE_SCHEMA)] = ()
    """Protocols that a client may switch to here: `websocket`. Other requests for an upgrade are refused."""
    priority: Literal["low", "normal", "high"] = "normal"
    """Under overload low is refused first and high last."""
    resource: Annotated[str, Field(min_length=1)] | None = None
    """What grants are about, as inventory/{kind}/{id?}: names stand for the path's segments, those that it does not
    know for what its tail /** takes, and {id?} may be absent."""
    actions: dict[Method, Annotated[str, AfterValidator(_checked_action)]] = Field(default_factory=dict)
    """Actions by method, where they are others than read (GET, HEAD, OPTIONS), create (POST), update (PUT, PATCH) and
    delete (DELETE)."""
    filters: tuple[FilterUseConfig, ...] | None = None
    """What a request passes before it is forwarded, in this order: names, or filters written out. Those of
    `defaults` where absent; [] is none."""


class LimitsConfig(StrictModel):
    """How much one worker takes on."""

    connections: Annotated[int, Field(ge=1)] = limits.CONNECTIONS
    """Connections from clients; more are closed unread."""
    connections_per_address: Annotated[int, Field(ge=1)] = limits.CONNECTIONS_PER_ADDRESS
    """Connections from one address, or one /64 of IPv6; a trusted proxy has no such bound."""
    in_flight: Annotated[int, Field(ge=1)] = limits.IN_FLIGHT
    """Requests that are being answered; more are refused with 503, low priority first."""


class DefaultsConfig(StrictModel):
    """What services and routes take that do not say otherwise."""

    timeouts: TimeoutsConfig = TimeoutsConfig()
    """For services."""
    max_body: Size = limits.MAX_BODY_BYTES
    """For routes: the largest request body, as 10MiB or 512KiB, or `unlimited`."""
    filters: tuple[FilterUseConfig, ...] = ()
    """For routes: what a request passes before it is forwarded, in this order."""


class Config(StrictModel):
    """Everything one gateway is told."""

    version: Annotated[int, WithJsonSchema({"const": 1})]
    """The version of this format: 1."""
    listeners: Annotated[tuple[ListenerConfig, ...], Field(min_length=1)] = (ListenerConfig(),)
    """Where clients are accepted; 127.0.0.1:8080 where absent."""
    access_log: Annotated[str | None, WithJsonSchema({"type": ["boolean", "string", "null"]})] = "stdout"
    """One JSON line for each exchange: true (stdout), false, stdout, stderr, or a path with a slash in it."""
    admin: Annotated[AdminConfig | None, BeforeValidator(admin_or_none)] = AdminConfig()
    """The address for operators: health, metrics, what is served and why; `off` where nobody needs it."""
    reload: ReloadConfig = ReloadConfig()
    """How a new config is taken up, and when it is taken back."""
    drain: DrainConfig = DrainConfig()
    """How the gateway leaves."""
    trusted_proxies: tuple[Network, ...] = ()
    """Networks whose X-Forwarded-* and X-Request-Id are believed."""
    accounts: AccountsConfig | None = None
    """Where clients and what they may do come from."""
    tokens: TokensConfig = TokensConfig()
    """Where keys of tokens are kept, and how the gateway signs its own."""
    limits: LimitsConfig = LimitsConfig()
    """What one worker takes on at the most."""
    defaults: DefaultsConfig = DefaultsConfig()
    """For what services and routes do not say themselves."""
    dns: DnsConfig = DnsConfig()
    """For targets that say `resolve`."""
    services: Annotated[dict[Name, ServiceConfig], Field(min_length=1)]
    """The upstreams, by name."""
    filters: dict[Name, FilterConfig] = Field(default_factory=dict)
    """Filters that several routes use, by name."""
    routes: Annotated[tuple[RouteConfig, ...], Field(min_length=1)]
    """Which requests go where, in any order: the most specific match wins."""

    _sources: Sources | CodeSources | None = PrivateAttr(None)

    @field_validator("version")
    @classmethod
    def _known_version(cls, value: int) -> int:
        if value != 1:
            raise ValueError(f"version {value} is not known to this Moongate: write version: 1")
        return value

    @field_validator("access_log", mode="before")
    @classmethod
    def _destination(cls, value: Any) -> Any:
        folded = str(value).lower()
        if value is None or folded in ("false", "off", "no", "none"):
            return None
        if folded in ("true", "on", "yes"):
            return "stdout"
        if isinstance(value, str) and value not in ("stdout", "stderr") and "/" not in value:
            raise ValueError(f"{value!r}: write true, false, stdout, stderr, or a path such as ./{value}.log")
        return value

    def __eq__(self, other: object) -> bool:
        """Equal where the meaning is; the text it was read from does not count."""
        return isinstance(other, Config) and dict(self) == dict(other)

    def bound_to(self, bind: str) -> Config:
        """This config with one listener instead of its own; raise ConfigInvalid if ``bind`` is no HOST:PORT."""
        try:
            parse_bind(bind)
        except ValueError as error:
            raise ConfigInvalid([Problem("--bind", 0, 0, str(error))]) from None
        return self.model_copy(update={"listeners": (ListenerConfig(bind=bind),)})

    def read_from(self, sources: Sources | CodeSources) -> Self:
        """This config, knowing the texts it was read from."""
        self._sources = sources
        return self

    @property
    def sources(self) -> Sources | CodeSources | None:
        """The texts it was read from; None for that of a single URL."""
        return self._sources

    def problem(self, finding: Finding) -> Problem:
        """``finding`` with file, line and column where this config was read from a text."""
        if self._sources is None:
            return Problem(".".join(map(str, finding.loc)) or "config", 0, 0, finding.message, code=finding.code)
        return self._sources.problem(finding)

    def written(self, loc: Loc) -> str | None:
        """What was written at ``loc`` where a value was put in there, which may be a secret; else None."""
        return None if self._sources is None else self._sources.written(loc)
