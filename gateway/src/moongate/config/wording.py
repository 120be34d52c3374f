"""From what the validator found to what a person reads: one sentence that says what is wrong and what to write."""

from __future__ import annotations

import difflib
import re
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
    **dict.fromkeys(
        ("client_max_body_size", "max_body_size", "body_size_limit", "body_limit", "max_request_body", "max_size"),
        ("max_body",),
    ),
    **dict.fromkeys(
        ("read", "response", "request", "read_timeout", "request_timeout", "proxy_read_timeout"), ("response_head",)
    ),
    **dict.fromkeys(("connect_timeout", "proxy_connect_timeout"), ("connect",)),
    **dict.fromkeys(("idle", "send", "write"), ("body_idle",)),
    **dict.fromkeys(("insecure_skip_verify", "skip_verify", "tls_verify", "ssl_verify"), ("verify",)),
    **dict.fromkeys(("websocket", "websockets", "ws"), ("upgrade",)),
    **dict.fromkeys(("method", "verb", "verbs"), ("methods",)),
    **dict.fromkeys(("replace", "overwrite"), ("set",)),
    **dict.fromkeys(("append", "insert"), ("add",)),
    **dict.fromkeys(("delete", "unset"), ("remove",)),
    **dict.fromkeys(("htpasswd", "users_file", "user_file", "credentials", "passwords"), ("users",)),
    **dict.fromkeys(("auth_request", "ext_authz", "external_auth"), ("forward_auth",)),
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
    "upgrade": ", as in upgrade: websocket",
    "users": ", as in ${file:users.htpasswd}",
}
_METHODS: Final = {
    **dict.fromkeys(("api_key", "key_auth", "api_keys"), "api_key"),
    **dict.fromkeys(("jwt", "jwt_auth", "jwt_authn"), "{jwt: {issuer: URL, audience: NAME}}"),
    **dict.fromkeys(("basic", "basic_auth", "auth_basic"), "{basic: {users: '${file:users.htpasswd}'}}"),
    **dict.fromkeys(("oidc", "openid_connect"), "{oidc: {issuer: URL, client_id: NAME, client_secret: SECRET}}"),
    **dict.fromkeys(("introspection", "oauth2_introspection"), "{introspection: {service: NAME, path: PATH}}"),
    **dict.fromkeys(("hmac", "hmac_auth"), "{hmac: {keys: ...}}"),
    **dict.fromkeys(("mtls", "mtls_auth"), "mtls"),
}
"""Methods of `authenticate`, as they are written in its list."""

_REMARKS: Final = {
    **dict.fromkeys(
        (
            *("strip_prefix", "strip_path", "stripprefix", "prefix_rewrite", "replace_prefix", "replace_path"),
            *("rewrite", "path_rewrite", "rewrite_path", "regex_rewrite", "url_rewrite", "proxy_rewrite"),
        ),
        "paths are forwarded as they came, nothing rewrites them",
    ),
    **dict.fromkeys(
        ("timeout", "timeouts", "connect_timeout", "read_timeout", "request_timeout", "proxy_read_timeout"),
        "it belongs to the service, under `timeouts`",
    ),
    "max_body": "it belongs to a route, or to `defaults`",
    **dict.fromkeys(
        ("regex", "path_regex", "regexp", "path_regexp"),
        "nothing is matched by regular expressions: in a `path` {name} takes one segment, a tail /** the rest",
    ),
    **dict.fromkeys(
        (
            *("redirect", "redirects", "redirect_regex", "request_redirect"),
            *("return", "respond", "direct_response", "static_response", "request_termination"),
        ),
        "a route leads to a service; only a filter of your own, written in Python, may answer itself",
    ),
    **dict.fromkeys(
        (
            *("redirect_to_https", "redirect_https", "https_redirect", "https_only"),
            *("force_https", "ssl_redirect", "redirect_scheme", "require_ssl"),
        ),
        "all listeners serve the same routes, and none sends clients to another one",
    ),
    **dict.fromkeys(
        (
            *("ip_allow", "ip_allow_list", "ip_allowlist", "ip_white_list", "ip_restriction", "whitelist"),
            *("allowlist", "allow", "deny", "source_range", "ip", "client_ip", "remote_addr"),
        ),
        "addresses are not looked at; a filter of your own, written in Python, may, as exchange.remote",
    ),
    **dict.fromkeys(
        ("error", "errors", "error_page", "error_pages", "custom_errors"),
        "the gateway's own answers are problem documents with a `code`, and stay so",
    ),
    **dict.fromkeys(
        ("add_header", "set_header", "add_headers", "set_headers", "proxy_set_header", "request_transformer"),
        "filters do that, as in filters: [{request_headers: {set: {X-Name: value}}}], or response_headers",
    ),
    **dict.fromkeys(
        ("host_header", "preserve_host", "pass_host_header", "upstream_host"),
        "services are sent the Host that the client sent",
    ),
    **dict.fromkeys(
        ("weight", "weights", "weighted", "split", "traffic_split", "canary"),
        "a route has one service, whose `targets` share the requests by their `weight`",
    ),
    **dict.fromkeys(("caching", "proxy_cache"), "nothing is kept: services and clients cache themselves"),
    **dict.fromkeys(("compress", "compression", "gzip"), "answers go through as the service wrote them"),
    **dict.fromkeys(("http2", "h2", "http3", "protocol", "protocols"), "HTTP/1.1 is all that is spoken"),
    **dict.fromkeys(("sni", "snis"), "each certificate of `certificates` is for the names that stand in it"),
    **dict.fromkeys(
        ("acme", "letsencrypt", "lets_encrypt", "cert_resolver"),
        "certificates are files, and taken up by themselves when another program renews them",
    ),
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
    "cors": "services answer it themselves; preflights (OPTIONS) need a route without `authenticate`",
    "roles": "those of accounts count as grants; a token's claim is asked for with claims: {roles: [...]}",
    **dict.fromkeys(("plugins", "middlewares", "middleware"), "filters stand in a route, or in `defaults` for all"),
    **dict.fromkeys(("consumers", "clients", "users"), "clients are made in accounts: accounts client create NAME"),
    **{
        word: f"how clients are known is said to `authenticate`, as in {{authenticate: [{method}]}}"
        for word, method in _METHODS.items()
    },
}

_SHORT: Final[dict[str, str]] = {
    "accounts": "{{url: '{}', token: '${{file:gateway.token}}'}}",
    "admin": "{{bind: '{}'}}",
    "listeners": "{{bind: '{}'}}",
    "match": "{{path: '{}'}}",
    "services": "{{targets: ['{}']}}",
    "timeouts": "{{response_head: {}}}",
}
"""What was meant where a mapping, or each item of `listeners` and `services`, is written as its one value."""
_ONE: Final = {
    "host": "; several stand in a list under `hosts`",
    "path": "; each path is a route of its own",
    "service": "; it is the name of one under `services`",
}
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

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
        if loc == ("services",):
            return f": write {{NAME: {{targets: [{found[:60]!r}]}}}}"
        key = _holder(loc)
        if key not in _SHORT or found in ("true", "false") or (key == "match" and not found.startswith("/")):
            return f", not {found[:60]!r}"
        return ": write " + _SHORT[key].format(_place(key, found[:60]))
    if kind == "tuple_type" and isinstance(found, str) and loc[-1:] == ("listeners",):
        return f": write [{{bind: {_place('listeners', found[:60])!r}}}]"
    if kind == "tuple_type" and isinstance(found, str):
        return f": write [{found[:60]}]"
    one = _ONE.get(str(loc[-1]), "") if loc and kind == "string_type" else ""
    if isinstance(found, dict):
        return f", not a mapping{one}"
    return f", not a list{one}" if isinstance(found, list | tuple) else f", not {str(found)[:60]!r}"


def _holder(loc: Loc) -> str:
    """The key whose value, or an item of it, stands at ``loc``."""
    if len(loc) == 2 and loc[0] in ("listeners", "services"):
        return str(loc[0])
    return str(loc[-1]) if loc and loc[-1] not in ("listeners", "services") else ""


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
    folded = _folded(key)
    called = next((name for name in _CALLED.get(folded, ()) if name in known), None)
    if called is not None:
        return f"unknown key `{key}`: here it is called `{called}`{_AS_IN.get(called, '')}"
    for name, field in model.model_fields.items():
        inner = _model_in(field.annotation)
        called = next((each for each in _CALLED.get(folded, ()) if inner and each in inner.model_fields), None)
        if called is not None:
            return f"unknown key `{key}`: here it is called `{called}`, under `{name}`{_AS_IN.get(called, '')}"
    remark = next((_REMARKS[each] for each in (folded, *_CALLED.get(folded, ())) if each in _REMARKS), None)
    if remark is not None:
        return f"unknown key `{key}`: {remark}"
    near = difflib.get_close_matches(folded, known, n=1, cutoff=0.6)
    if near:
        return f"unknown key `{key}`, did you mean `{near[0]}`?"
    return f"unknown key `{key}`: known here are {listed(known)}"


def filter_meant(name: str, kinds: Iterable[str]) -> str:
    """What a person may have meant who wrote ``name``, a word of other gateways, for a filter; empty if nothing is
    known."""
    folded = _folded(name)
    called = next((each for each in _CALLED.get(folded, ()) if each in kinds), None)
    return f"here it is called {called!r}" if called is not None else _REMARKS.get(folded, "")


def _folded(word: str) -> str:
    return _CAMEL.sub("_", word).lower().replace("-", "_")


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
