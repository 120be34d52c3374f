"""What is allowed and still worth a second look. Every warning has a code, and can be silenced with a reason."""

from __future__ import annotations

import re
from ipaddress import ip_address
from itertools import product
from typing import TYPE_CHECKING, Final

from moongate.compile.filters import filter_uses
from moongate.compile.logins import login_settings
from moongate.compile.snapshot import UNLIMITED
from moongate.config.problem import Finding, Problem
from moongate.config.silence import UNUSED, unsilenced
from moongate.routing.pattern import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from moongate.compile.snapshot import Snapshot, TargetPlan
    from moongate.config import Config
    from moongate.config.model_filters import FilterConfig
    from moongate.config.problem import Loc
    from moongate.routing import HostPattern, Match

CODES: Final = {
    "forwards-to-itself": "a target is one of the gateway's own listeners: requests would go round for ever",
    "literal-colon": "a path segment such as :id is literal here; placeholders are written {id}",
    "literal-pattern": "a path segment such as v* or (.*) is literal here: {name} takes one, a tail /** the rest",
    "literal-variable": "a header's value such as $host or %REQ(X-A)% is sent as it stands",
    "login-without-tls": "people log in over plain HTTP, which nobody can from another machine: all would see it",
    "secret-in-config": "a secret stands in the config itself, which more people read than secrets",
    "secret-readable": "a file that the config reads a secret from can be read by everybody on the machine",
    "tls-files": "a certificate, key or CA file can not be used on this machine: nothing would start with it",
    "tls-unverified": "a service's certificates are not verified: whoever sits between can read and change everything",
    "trusts-everyone": "trusted_proxies holds every address: any client can claim to be any other",
    "type-in-placeholder": "{id:int} takes the word int alone: after the colon stand alternatives, not types",
    "unlimited-body": "a route takes bodies of any size",
    UNUSED: "a comment silences a warning that is not there",
    "unreachable-route": "other routes take every request that this one could",
    "unused-service": "no route goes to this service, and no filter asks it",
}
"""Every code, and what it says."""

_TYPES: Final = frozenset(
    {b"int", b"integer", b"float", b"number", b"str", b"string", b"path", b"uuid", b"slug", b"any"}
)
_PATTERN: Final = re.compile(r"[*|\[\]^]|\.\+|\$$")  # not what OData writes: Cars(7), $count
_VARIABLE: Final = re.compile(r"\$[a-z_]+\Z|%[A-Z_]+(?:\(.*\))?%|\{+[a-z_.]+\}+\Z")  # nginx', Envoy's, Caddy's
_CREDENTIALS: Final = frozenset({"authorization", "cookie", "x-api-key", "api-key", "x-auth-token"})
_MAX_EXPANSION: Final = 256  # combinations of one path's alternatives that are looked at


def lint(config: Config, snapshot: Snapshot, files: Iterable[Problem] = ()) -> list[Problem]:
    """Every warning that no comment silences; ``snapshot`` is compiled from ``config``, ``files`` are warnings about
    files that it names, by who may open them."""
    warnings = [*(config.problem(finding) for finding in _findings(config, snapshot)), *files]
    return unsilenced(warnings, config.sources.documents if config.sources else (), CODES)


def _findings(config: Config, snapshot: Snapshot) -> Iterator[Finding]:
    yield from _unused_services(config)
    yield from _trusted_everyone(config)
    yield from _loops(config, snapshot)
    yield from _exposed_secrets(config)
    yield from _open_logins(config, snapshot)
    yield from _misread_values(config)
    for name, service in config.services.items():
        if not service.tls.verify:
            message = "any certificate is accepted: whoever sits between can read and change everything"
            yield Finding(("services", name, "tls", "verify"), message, code="tls-unverified", wanted=message)
    plans = {plan.name: plan for plan in snapshot.routes}
    unreachable = _unreachable([plan.match for plan in snapshot.routes])
    for index, route in enumerate(config.routes):
        plan = plans[route.name]
        loc = ("routes", index)
        if plan.max_body == UNLIMITED:
            message = "bodies of any size are taken: a client can keep a connection and its target busy for ever"
            yield Finding((*loc, "max_body"), message, code="unlimited-body", wanted=message)
        if id(plan.match) in unreachable:
            yield Finding(
                (*loc, "match"), "never reached: more specific routes take every request", code="unreachable-route"
            )
        yield from (each._replace(loc=(*loc, "match", "path")) for each in _misread_paths(plan.match))


def _unused_services(config: Config) -> Iterator[Finding]:
    used = {route.service for route in config.routes}
    for index in range(len(config.routes)):
        used.update(name for _, settings in filter_uses(config, index) for name in settings.asked)
    for name in config.services:
        if name not in used:
            yield Finding(("services", name), f"no route goes to service {name!r}", of_key=True, code="unused-service")


def _trusted_everyone(config: Config) -> Iterator[Finding]:
    for index, network in enumerate(config.trusted_proxies):
        if network.prefixlen == 0:
            message = "every address is trusted: any client can claim to be any other in X-Forwarded-For"
            yield Finding(("trusted_proxies", index), message, code="trusts-everyone", wanted=message)


def _loops(config: Config, snapshot: Snapshot) -> Iterator[Finding]:
    for name, service in snapshot.services.items():
        for index, target in enumerate(service.targets):
            if any(_is_same(target, listener.host, listener.port) for listener in snapshot.listeners):
                message = "this is the gateway itself: requests would go round for ever"
                yield Finding(("services", name, "targets", index), message, code="forwards-to-itself", wanted=message)


def _exposed_secrets(config: Config) -> Iterator[Finding]:
    places: list[Loc] = [] if config.accounts is None else [("accounts", "token")]
    for index in range(len(config.routes)):
        for loc, settings in filter_uses(config, index):
            places += _secrets(loc, settings)
    places += [("tokens", "session_secrets", index) for index, _ in enumerate(config.tokens.session_secrets)]
    for place in dict.fromkeys(places if config.sources is not None else ()):
        if config.written(place) is None:
            what = place[-1] if isinstance(place[-1], str) else "secret"
            message = f"`{what}` stands in the config: put it into a file and write ${{file:PATH}}"
            yield Finding(place, message, code="secret-in-config", wanted=message)


def _secrets(loc: Loc, settings: FilterConfig) -> Iterator[Loc]:
    """Where secrets of a filter stand."""
    if settings.request_headers is not None:
        for how, fields in (("set", settings.request_headers.set), ("add", settings.request_headers.add)):
            yield from ((*loc, "request_headers", how, name) for name in fields if name.lower() in _CREDENTIALS)
    for number, method in enumerate(settings.authenticate.methods if settings.authenticate is not None else ()):
        place = (*loc, "authenticate", "methods", number, method.kind)
        if method.introspection is not None:
            yield (*place, "token" if method.introspection.client_secret is None else "client_secret")
        elif method.oidc is not None:
            yield (*place, "client_secret")
        elif method.basic is not None:
            yield (*place, "users")
        elif method.hmac is not None:
            keys = method.hmac.keys.items()
            yield from ((*place, "keys", name, "secret") for name, key in keys if key.secret is not None)


def _open_logins(config: Config, snapshot: Snapshot) -> Iterator[Finding]:
    is_open = any(each.tls is None and not ip_address(each.host).is_loopback for each in snapshot.listeners)
    if config.trusted_proxies or not is_open:
        return
    for loc, settings in login_settings(config):
        if not settings.allow_http:
            message = (
                "a listener has no TLS, over which nobody can log in but from this machine: give it `tls`, or name the "
                "proxy in front of it in `trusted_proxies`"
            )
            yield Finding(loc, message, code="login-without-tls", wanted=message)


def _is_same(target: TargetPlan, host: str, port: int) -> bool:
    if target.port != port:
        return False
    if target.host == "localhost":
        return ip_address(host).is_loopback or ip_address(host).is_unspecified
    try:
        address = ip_address(target.host)
    except ValueError:
        return False
    return address == ip_address(host) or (address.is_loopback and ip_address(host).is_unspecified)


def _misread_paths(match: Match) -> Iterator[Finding]:
    for segment, written in zip(match.path.segments, match.path.text[1:].split("/"), strict=False):
        if segment.kind is Kind.LITERAL and _PATTERN.search(written):
            message = f"{written} is taken literally: {{name}} takes any one segment, a tail /** the rest of the path"
            yield Finding((), message, code="literal-pattern")
        if segment.kind is Kind.LITERAL and segment.values[0].startswith(b":"):
            word = segment.values[0].decode("ascii")
            yield Finding((), f"{word} is taken literally: a placeholder is {{{word[1:]}}}", code="literal-colon")
        if segment.kind is Kind.CHOICE and len(segment.values) == 1 and segment.values[0] in _TYPES:
            word = segment.values[0].decode("ascii")
            message = (
                f"{{{segment.name}:{word}}} takes the word {word!r} alone; write {{{segment.name}}} for any segment"
            )
            yield Finding((), message, code="type-in-placeholder")


def _misread_values(config: Config) -> Iterator[Finding]:
    uses = dict(use for index in range(len(config.routes)) for use in filter_uses(config, index))
    values = {
        (*loc, kind, how, name): value
        for loc, settings in uses.items()
        for kind in ("request_headers", "response_headers")
        if (fields := getattr(settings, kind)) is not None
        for how in ("set", "add")
        for name, value in getattr(fields, how).items()
    }
    for loc, value in values.items():
        if _VARIABLE.match(value) and config.written(loc) is None:
            message = f"{value} is sent as it stands: header values hold no variables"
            yield Finding(loc, message, code="literal-variable")


def _unreachable(matches: Iterable[Match]) -> set[int]:
    """Ids of matches of which every request goes to a more specific one.

    Only alternatives can be covered: a literal or {name} in the same place of a more specific path leaves some request
    over, and so do more conditions. So each combination of alternatives is looked up among the literal paths that
    take every method and ask nothing more.
    """
    covering: set[tuple[HostPattern | None, bool, tuple[bytes | None, ...]]] = set()
    unreachable: set[int] = set()
    for match in matches:  # in match order: what covers a match stands before it
        choices = [segment.values for segment in match.path.segments if segment.kind is Kind.CHOICE]
        if choices and all(
            (host, match.path.tail, shape) in covering for host in match.hosts or (None,) for shape in _expanded(match)
        ):
            unreachable.add(id(match))
        if not choices and match.methods is None and not match.conditions:
            for host in match.hosts or (None,):
                covering.add((host, match.path.tail, next(_expanded(match))))
    return unreachable


def _expanded(match: Match) -> Iterator[tuple[bytes | None, ...]]:
    """The path's segments for each combination of alternatives, None is any segment; too many: one found nowhere."""
    options: list[tuple[bytes | None, ...]] = [segment.values or (None,) for segment in match.path.segments]
    combinations = 1
    for option in options:
        combinations *= len(option)
    if combinations > _MAX_EXPANSION:
        yield (b"/",)
        return
    yield from product(*options)
