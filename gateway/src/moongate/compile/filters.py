"""The filters of a route: names looked up, settings frozen into plans."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from moongate.compile.asking import forward_auth_plan
from moongate.compile.auth import authenticate_plan, authorize_plan
from moongate.config.model_filters import BARE_KINDS
from moongate.filters.fields import FieldsPlan
from moongate.filters.python import PythonPlan, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moongate.config import Config
    from moongate.config.model_filters import FieldsConfig, FilterConfig, FilterUseConfig, PythonConfig
    from moongate.config.problem import Loc
    from moongate.core.message import Field
    from moongate.filters import FilterPlan
    from moongate.filters.resource import ResourcePlan

_PLAIN: Final = re.compile(r"(true|false|-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,16})?)\Z")


def filter_uses(config: Config, index: int) -> Iterator[tuple[Loc, FilterConfig]]:
    """The filters of the route at ``index``, each with the place where its settings stand."""
    own = config.routes[index].filters
    loc: Loc = ("defaults", "filters") if own is None else ("routes", index, "filters")
    for number, use in enumerate(config.defaults.filters if own is None else own):
        yield _resolved(config, (*loc, number), use)


def _resolved(config: Config, loc: Loc, use: FilterUseConfig) -> tuple[Loc, FilterConfig]:
    if use.use is None:
        return loc, use
    named = config.filters.get(use.use)
    return (loc, BARE_KINDS[use.use]) if named is None else (("filters", use.use), named)


def build_filter(
    config: Config, loc: Loc, settings: FilterConfig, service: str, resource: ResourcePlan | None
) -> FilterPlan:
    """The plan of one filter of a route to ``service`` about ``resource``. Raises ValueError for settings that can not
    work."""
    place = (*loc, settings.kind)
    if settings.authenticate is not None:
        accounts = None if config.accounts is None else config.accounts.url
        verifies_clients = any(each.tls is not None and each.tls.client_ca is not None for each in config.listeners)
        return authenticate_plan(settings.authenticate, service, accounts, verifies_clients=verifies_clients)
    if settings.authorize is not None:
        return authorize_plan(settings.authorize, resource, has_accounts=config.accounts is not None)
    if settings.forward_auth is not None:
        return forward_auth_plan(settings.forward_auth)
    if settings.python is not None:
        return _python(config, place, settings.python)
    if settings.request_headers is not None:
        return FieldsPlan(
            "request_headers", *_fields(settings.request_headers), _written(config, place, settings.request_headers)
        )
    assert settings.response_headers is not None
    return FieldsPlan(
        "response_headers", *_fields(settings.response_headers), _written(config, place, settings.response_headers)
    )


def _fields(settings: FieldsConfig) -> tuple[tuple[Field, ...], tuple[Field, ...], tuple[bytes, ...]]:
    return (
        tuple((name.encode("ascii"), value.encode("ascii")) for name, value in settings.set.items()),
        tuple((name.encode("ascii"), value.encode("ascii")) for name, value in settings.add.items()),
        tuple(name.lower().encode("ascii") for name in settings.remove),
    )


def _written(config: Config, loc: Loc, settings: FieldsConfig) -> tuple[tuple[bytes, str], ...]:
    """What stands in the text for values that were put in from outside."""
    places = [(name, (*loc, verb, name)) for verb in ("set", "add") for name in getattr(settings, verb)]
    return tuple((name.encode("ascii"), text) for name, place in places if (text := config.written(place)) is not None)


def _python(config: Config, loc: Loc, settings: PythonConfig) -> FilterPlan:
    load(settings.filter, beside := _directory(config))
    if settings.settings is None:
        return PythonPlan(settings.filter, beside)
    given = {name: _plain(value) for name, value in settings.settings.items()}
    shown = {name: config.written((*loc, "with", name)) or value for name, value in given.items()}
    return PythonPlan(settings.filter, beside, json.dumps(given, sort_keys=True), json.dumps(shown, sort_keys=True))


def _plain(value: Any) -> Any:
    """A config's scalars are text; where no model says better, numbers and truth values are what they look like."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, str) and _PLAIN.match(value):
        return json.loads(value)
    return value


def _directory(config: Config) -> str:
    """Where the config stands: a user's own modules may stand there too."""
    if config.sources is None or not config.sources.documents:
        return ""
    return str(Path(config.sources.documents[0].source).parent.absolute())
