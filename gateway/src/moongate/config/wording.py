"""From what the validator found to what a person reads: one sentence that says what is wrong and what to write."""

from __future__ import annotations

import difflib
import typing
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from moongate.config.model import Config
from moongate.config.problem import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from moongate.config.problem import Loc

_MAX_MESSAGE_CHARS: Final = 1000

_CALLED: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("upstreams", "backends", "clusters", "upstream", "backend", "cluster"), ("services", "service")),
    **dict.fromkeys(("urls", "servers", "nodes", "endpoints", "addresses"), ("targets",)),
    **dict.fromkeys(("prefix", "path_prefix", "paths", "uri", "uris"), ("path",)),
    **dict.fromkeys(("log", "logs", "logging"), ("access_log",)),
    **dict.fromkeys(("port", "host", "bind", "address"), ("listeners", "url", "bind", "service")),
    **dict.fromkeys(("listen", "entrypoints", "entry_points", "listener"), ("listeners", "bind")),
    **dict.fromkeys(("routers", "locations", "location", "rules"), ("routes", "path")),
    **dict.fromkeys(("rule", "matches", "when"), ("match", "path")),
    **dict.fromkeys(("auth", "authentication", "authorization"), ("filters",)),
    **dict.fromkeys(("proxy_pass", "to", "url", "target", "destination"), ("service", "targets")),
    **dict.fromkeys(("plugins", "middlewares", "middleware", "policies", "handlers"), ("filters",)),
    **dict.fromkeys(("server_name", "hostname", "domain", "domains"), ("host",)),
    **dict.fromkeys(("ssl", "https"), ("tls",)),
    **dict.fromkeys(("cert", "crt", "certfile", "cert_file", "ssl_certificate"), ("certificate",)),
    **dict.fromkeys(("keyfile", "key_file", "private_key", "ssl_certificate_key"), ("key",)),
    **dict.fromkeys(("client_max_body_size", "max_body_size", "body_limit"), ("max_body",)),
    **dict.fromkeys(("read", "response", "request", "read_timeout", "proxy_read_timeout"), ("response_head",)),
    **dict.fromkeys(("idle", "send", "write"), ("body_idle",)),
    **dict.fromkeys(("insecure_skip_verify", "skip_verify", "tls_verify", "ssl_verify"), ("verify",)),
    "aud": ("audience",),
    "iss": ("issuer",),
    "timeout": ("timeouts",),
}
"""Words that other gateways have for a thing, and what it is called here, where that is a key in the same place."""

_AS_IN: Final = {
    "listeners": ", as in [{bind: 127.0.0.1:8080}]",
    "bind": ", as in 127.0.0.1:8080",
    "path": ", and a tail /** takes everything below",
    "timeouts": ", as in {response_head: 5s}",
    "match": ", as in {path: /api/**}",
    "verify": ", and false skips it",
    "filters": ", a list of names or of mappings such as {request_headers: {remove: X-Debug}}",
    "url": ", as in http://HOST:PORT",
}
_REMARKS: Final = {
    **dict.fromkeys(
        ("strip_prefix", "strip_path", "rewrite", "path_rewrite"),
        "paths are forwarded as they came, nothing rewrites them",
    ),
    "timeout": "it belongs to the service, under `timeouts`",
    **dict.fromkeys(
        ("health", "healthcheck", "health_check", "healthchecks", "health_checks"),
        "targets are not asked whether they are well; one that takes no connection is passed over for a request",
    ),
    **dict.fromkeys(
        ("retries", "retry", "proxy_next_upstream"),
        "nothing to set: a request is sent again once, by itself, where that is safe",
    ),
    **dict.fromkeys(
        ("load_balancer", "loadbalancer", "load_balancing", "balance", "lb_policy", "algorithm"),
        "targets take turns by their `weight`",
    ),
    **dict.fromkeys(
        ("rate_limit", "rate_limiting", "ratelimit", "limit_req", "quota"), "there are no limits by rate yet"
    ),
    "cors": "services answer it themselves",
    "roles": "those of accounts count as grants; a token's claim is asked for with claims: {roles: [...]}",
    **dict.fromkeys(("plugins", "middlewares", "middleware"), "filters stand in a route, or in `defaults` for all"),
    **dict.fromkeys(("consumers", "clients", "users"), "clients are made in accounts: accounts client create NAME"),
    **dict.fromkeys(
        ("api_key", "key_auth", "jwt", "basic", "basic_auth", "mtls", "hmac", "oidc", "introspection"),
        "how clients are known is said to `authenticate`, as in {authenticate: [api_key]}",
    ),
}

_SHORT: Final[dict[str | int, str]] = {
    "accounts": "{{url: '{}', token: '${{file:gateway.token}}'}}",
    "admin": "{{bind: '{}'}}",
    "listeners": "{{bind: '{}'}}",
    "match": "{{path: '{}'}}",
    "services": "{{targets: ['{}']}}",
    "timeouts": "{{response_head: {}}}",
}
"""What was meant where a mapping, or each item of a list of them, is written as its one value."""

_WANTED: Final = {
    "model_type": "a mapping (key: value)",
    "dict_type": "a mapping (key: value)",
    "tuple_type": "a list",
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
}


def findings(error: ValidationError, root: type[BaseModel] = Config) -> Iterator[Finding]:
    """Everything the validator of ``root`` found, in words."""
    for detail in error.errors(include_url=False):
        if detail["type"] == "too_short" and detail["input"]:
            continue  # the items that are there are wrong, each with a finding of its own
        found = _finding(detail, root)
        if len(found.message) > _MAX_MESSAGE_CHARS:  # it quotes something enormous
            half = _MAX_MESSAGE_CHARS // 2
            found = found._replace(message=f"{found.message[:half]} ... {found.message[-half:]}")
        yield found._replace(wanted=_description(found.loc, root))


def _finding(error: ErrorDetails, root: type[BaseModel]) -> Finding:
    kind, loc, context = error["type"], tuple(error["loc"]), error.get("ctx", {})
    if loc[-1:] == ("[key]",):
        return Finding(loc[:-1], str(context.get("error", error["msg"])), of_key=True)
    if kind == "extra_forbidden":
        return Finding(loc, _unknown_key(str(loc[-1]), model_at(loc[:-1], root)), of_key=True)
    if kind == "missing":
        return Finding(loc[:-1], f"`{loc[-1]}` is missing")
    if kind == "too_short":
        return Finding(loc, f"`{_last_key(loc)}` is empty: at least one is needed")
    if kind == "string_too_short":
        return Finding(loc, f"`{_last_key(loc)}` is empty")
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = f"at least {context['ge']}" if "ge" in context else f"at most {context['le']}"
        return Finding(loc, f"`{_last_key(loc)}` must be {bound}")
    if kind == "literal_error":
        return Finding(loc, f"{_subject(loc)} must be {context['expected']}{_instead(error.get('input'), kind)}")
    if kind in _WANTED:
        return Finding(loc, f"{_subject(loc)} must be {_WANTED[kind]}{_instead(error.get('input'), kind, loc)}")
    return Finding(loc, str(context.get("error", error["msg"])))


def _description(loc: Loc, root: type[BaseModel]) -> str:
    """What the reference says of the field at ``loc``."""
    while loc and isinstance(loc[-1], int):
        loc = loc[:-1]
    model = model_at(loc[:-1], root)
    field = model.model_fields.get(str(loc[-1])) if loc else None
    if field is None or not field.description:
        return ""
    examples = _properties(model)[str(loc[-1])].get("examples")
    return f"{field.description.rstrip('.')}, as in {examples[0]}." if examples else field.description


@cache
def _properties(model: type[BaseModel]) -> dict[str, Any]:
    properties: dict[str, Any] = model.model_json_schema()["properties"]
    return properties


def _instead(found: Any, kind: str, loc: Loc = ()) -> str:
    if found is None:
        return ", and is empty"
    if kind in ("model_type", "dict_type") and isinstance(found, str):
        key = next((part for part in loc[-2:][::-1] if part in _SHORT), None)
        return f", not {found[:60]!r}" if key is None else ": write " + _SHORT[key].format(_place(key, found[:60]))
    if kind == "tuple_type" and isinstance(found, str) and loc[-1:] == ("listeners",):
        return f": write [{{bind: {_place('listeners', found[:60])!r}}}]"
    if kind == "tuple_type" and isinstance(found, str):
        return f": write [{found[:60]}]"
    if isinstance(found, dict):
        return ", not a mapping"
    return ", not a list" if isinstance(found, list | tuple) else f", not {str(found)[:60]!r}"


def _place(key: str | int, text: str) -> str:
    return f"127.0.0.1:{text}" if key in ("listeners", "admin") and text.isdigit() else text


def _subject(loc: Loc) -> str:
    return f"an item of `{_last_key(loc)}`" if isinstance(loc[-1], int) else f"`{_last_key(loc)}`"


def _last_key(loc: Loc) -> str:
    return next((part for part in reversed(loc) if isinstance(part, str)), "the config")


@lru_cache(maxsize=1024)
def _unknown_key(key: str, model: type[BaseModel]) -> str:
    known = [field.alias or name for name, field in model.model_fields.items()]
    for name, field in model.model_fields.items():
        inner = _model_in(field.annotation)
        if inner is not None and key in inner.model_fields:
            return f"unknown key `{key}`: it belongs under `{name}`"
    folded = key.lower().replace("-", "_")
    called = next((name for name in _CALLED.get(folded, ()) if name in known), None)
    if called is not None:
        return f"unknown key `{key}`: here it is called `{called}`{_AS_IN.get(called, '')}"
    for name, field in model.model_fields.items():
        inner = _model_in(field.annotation)
        called = next((each for each in _CALLED.get(folded, ()) if inner and each in inner.model_fields), None)
        if called is not None:
            return f"unknown key `{key}`: here it is called `{called}`, under `{name}`{_AS_IN.get(called, '')}"
    if folded in _REMARKS:
        return f"unknown key `{key}`: {_REMARKS[folded]}"
    near = difflib.get_close_matches(folded, known, n=1, cutoff=0.6)
    if near:
        return f"unknown key `{key}`, did you mean `{near[0]}`?"
    return f"unknown key `{key}`: known here are {listed(known)}"


def listed(names: Iterable[str]) -> str:
    """``a, b and c``, each in backquotes."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def model_at(loc: Loc, root: type[BaseModel] = Config) -> type[BaseModel]:
    """The model that holds the keys at ``loc``, which a validator has been at."""
    model = root
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The one model inside an annotation such as ``tuple[RouteConfig, ...]`` or ``dict[str, ServiceConfig]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in typing.get_args(annotation) if (found := _model_in(each)) is not None), None)
