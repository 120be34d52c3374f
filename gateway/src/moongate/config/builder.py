"""A config written in Python: the same model as from YAML, for those whose routes come from a loop.

    from moongate.config import Gateway

    gateway = Gateway(listeners=[{"bind": "127.0.0.1:8080"}])
    app = gateway.service("app", "http://127.0.0.1:8000", timeouts={"connect": "1s"})
    for tenant in ("acme", "globex"):
        gateway.route(tenant, app, host=f"{tenant}.example", path="/api/**")

Nothing is judged while it is written down: every problem is told at the end, at the line of the call that it came from.
"""

from __future__ import annotations

import difflib
import sys
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

from moongate.config.code_sources import Call, CodeSources
from moongate.config.interpolation import EMPTY_ENVIRONMENT, Environment
from moongate.config.load import validated
from moongate.config.model import MatchConfig, RouteConfig

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from moongate.config.load import Judges
    from moongate.config.model import Config

_MATCH_KEYS: Final = tuple(MatchConfig.model_fields)
_ROUTE_KEYS: Final = tuple(key for key in RouteConfig.model_fields if key != "match")


class GatewaySettings(TypedDict, total=False):
    """What `Config` holds beside services and routes."""

    listeners: Sequence[Mapping[str, Any]]
    access_log: bool | str | None
    admin: Mapping[str, str] | bool | str | None
    reload: Mapping[str, Any]
    drain: Mapping[str, str | float]
    trusted_proxies: Sequence[str]
    accounts: Mapping[str, str | float]
    tokens: Mapping[str, str | float | Sequence[str]]
    limits: Mapping[str, int]
    defaults: Mapping[str, Any]
    dns: Mapping[str, Any]
    filters: Mapping[str, Mapping[str, Any]]


class ServiceSettings(TypedDict, total=False):
    """What `ServiceConfig` holds beside its targets."""

    timeouts: Mapping[str, str | float]
    tls: Mapping[str, Any]


class RouteSettings(TypedDict, total=False):
    """What `MatchConfig` and `RouteConfig` hold beside a route's name and service."""

    path: str
    host: str
    hosts: Sequence[str]
    methods: str | Sequence[str]
    headers: Mapping[str, str | int | None]
    query: Mapping[str, str | int | None]
    max_body: str | int
    upgrade: str | Sequence[str]
    priority: str
    resource: str
    actions: Mapping[str, str]
    filters: Sequence[str | Mapping[str, Any]]


class Gateway:
    """What one gateway is told. Settings are those of the YAML, under the same names and in the same forms."""

    def __init__(self, **settings: Unpack[GatewaySettings]) -> None:
        for section in ("services", "routes"):
            if section in settings:
                raise TypeError(f"{section} are added by gateway.{section[:-1]}(...), one at a time")
        self._data: dict[str, Any] = {"version": 1, **_plain(settings), "services": {}, "routes": []}
        self._root = _call()
        self._services: dict[str, Call] = {}
        self._twice: list[tuple[str, Call]] = []
        self._routes: list[Call] = []

    def service(self, name: str, *targets: str | Mapping[str, Any], **settings: Unpack[ServiceSettings]) -> str:
        """A named upstream. Returns its name, for routes."""
        if name in self._services:
            self._twice.append((name, _call()))
            return name
        self._services[name] = _call()
        self._data["services"][name] = {"targets": _plain(targets), **_plain(settings)}
        return name

    def route(self, name: str, service: str, **settings: Unpack[RouteSettings]) -> None:
        """Which requests go to ``service``: what `match` asks for, and the route's other settings, side by side."""
        plain: dict[str, Any] = _plain(settings)
        match = {key: plain.pop(key) for key in list(plain) if _is_of_match(key)}
        self._routes.append(_call())
        self._data["routes"].append({"name": name, "match": match, "service": service, **plain})

    def config(
        self,
        judges: Judges | None = None,
        environment: Environment = EMPTY_ENVIRONMENT,
        texts: Mapping[str, str] | None = None,
    ) -> Config:
        """The model. Raise `ConfigInvalid` with all problems; ``texts`` are those of source files, by their names.

        ``${NAME}`` and ``${file:path}`` are put in as they are in YAML, and are then shown to nobody; what Python reads
        from `os.environ` by itself is an ordinary value.
        """
        sources = CodeSources(self._root, self._services, self._routes, texts or {})
        problems = [sources.stands_twice(name, call) for name, call in self._twice]
        data = sources.interpolated(self._data, environment)
        return validated(data, sources, [*problems, *sources.problems], judges)


def _call() -> Call:
    """Where the method that asks was called."""
    frame = sys._getframe(2)  # noqa: SLF001 - what `inspect` would do, a hundred times quicker
    return Call(frame.f_code.co_filename, frame.f_lineno)


def _is_of_match(key: str) -> bool:
    """Where a setting of a route belongs; one that is misspelt, with what it looks like."""
    near = difflib.get_close_matches(key, (*_MATCH_KEYS, *_ROUTE_KEYS), n=1)
    return bool(near) and near[0] in _MATCH_KEYS


def _plain(value: Any) -> Any:
    """``value`` as YAML would give it, so that the same mistakes have the same messages."""
    if hasattr(value, "items"):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))  # in one order, else each start would be another config
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
