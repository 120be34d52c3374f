"""Config in, snapshot out, or every problem that only the whole config shows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from moongate.compile.dump import dump_snapshot
from moongate.compile.filters import build_filter, filter_uses
from moongate.compile.logins import judge_logins, keeping_cookies, login_settings
from moongate.compile.overlaps import find_overlaps
from moongate.compile.resources import resource_plan
from moongate.compile.snapshot import (
    UNLIMITED,
    AccountsPlan,
    AdminPlan,
    DrainPlan,
    GuardPlan,
    LimitsPlan,
    ListenerPlan,
    RoutePlan,
    ServicePlan,
    Snapshot,
    TargetPlan,
    TimeoutsPlan,
)
from moongate.compile.tokens import tokens_plan
from moongate.config import Config, ConfigInvalid, Problem
from moongate.config.address import parse_bind, parse_dns_server, parse_target_url
from moongate.config.model import HOST_JUDGE, PATH_JUDGE
from moongate.config.problem import Finding
from moongate.core.plans import CertificatePlan, ListenerTlsPlan, NamePlan, Priority, ServiceTlsPlan
from moongate.routing import Condition, HostPattern, Match, PathPattern, Router

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from moongate.config import MatchConfig, RouteConfig, ServiceConfig, TimeoutsConfig
    from moongate.config.model_tls import ListenerTlsConfig, ServiceTlsConfig
    from moongate.config.problem import Loc
    from moongate.filters import FilterPlan
    from moongate.filters.resource import ResourcePlan

T = TypeVar("T")

_TIMEOUTS: Final = ("connect", "response_head", "body_idle")

JUDGES: Final[Mapping[str, Callable[[str], object]]] = {PATH_JUDGE: PathPattern.parse, HOST_JUDGE: HostPattern.parse}
"""What `moongate.config.parse` is handed, so that wrong patterns are told together with everything else."""


def compile_config(config: Config, generation: int) -> Snapshot:
    """The snapshot of ``config``. Raise `ConfigInvalid` with all problems that are left to find."""
    compiler = _Compiler(config)
    listeners = compiler.listeners()
    services = {name: compiler.service(name, service) for name, service in config.services.items()}
    routes = [compiler.route(index, route, services) for index, route in enumerate(config.routes)]
    plans = [route for route in routes if route is not None]
    compiler.judge_logins()
    if not compiler.problems:
        compiler.judge_overlaps(plans)
    if compiler.problems:
        raise ConfigInvalid(compiler.problems)
    if next(login_settings(config), None) is not None:
        plans = [replace(plan, filters=keeping_cookies(plan)) for plan in plans]
    router = Router((plan.match, plan) for plan in plans)
    snapshot = Snapshot(
        generation=generation,
        digest="",
        listeners=listeners,
        services=services,
        routes=tuple(router),
        router=router,
        trusted_proxies=config.trusted_proxies,
        access_log=config.access_log,
        limits=LimitsPlan(**config.limits.model_dump()),
        accounts=None if config.accounts is None else AccountsPlan(**config.accounts.model_dump()),
        drain=DrainPlan(**config.drain.model_dump()),
        admin=_admin(config),
        guard=GuardPlan(**config.reload.guard.model_dump()) if config.reload.guard is not None else None,
        tokens=tokens_plan(config, router),
    )
    return replace(snapshot, digest=_digest(snapshot))


def _digest(snapshot: Snapshot) -> str:
    """SHA-256 of what the snapshot does, in hex: spelling, comments, files and the order of keys do not count."""
    meaning = dump_snapshot(snapshot, with_secrets=True)
    del meaning["generation"]
    canonical = json.dumps(meaning, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


class _Compiler:
    """One run: gathers problems instead of stopping at the first."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.problems: list[Problem] = []

    def listeners(self) -> tuple[ListenerPlan, ...]:
        plans: list[ListenerPlan] = []
        for index, listener in enumerate(self.config.listeners):
            plan = ListenerPlan(*parse_bind(listener.bind), _listener_tls(listener.tls))
            other = next((each for each in plans if _meet(each, plan)), None)
            if other is not None and other.host == plan.host:
                self._report(("listeners", index, "bind"), f"{listener.bind} is bound twice", wanted="bound twice")
            elif other is not None:
                message = f"it can not be bound beside {other.host}:{other.port}: one of them is every address"
                self._report(("listeners", index, "bind"), message, wanted=message)
            plans.append(plan)
        self._judge_admin(plans)
        return tuple(plans)

    def _judge_admin(self, listeners: Iterable[ListenerPlan]) -> None:
        plan = _admin(self.config)
        if plan is not None and plan.is_required and any(_meet(each, plan) for each in listeners):
            message = f"port {plan.port} is a listener's: operators need one of their own"
            self._report(("admin", "bind"), message, wanted="it is a listener's")

    def service(self, name: str, service: ServiceConfig) -> ServicePlan:
        targets: list[TargetPlan] = []
        names: list[NamePlan] = []
        seen: set[object] = set()
        servers = tuple(parse_dns_server(each) for each in self.config.dns.servers)
        for index, target in enumerate(service.targets):
            host, port, tls = parse_target_url(target.url)
            plan = TargetPlan(target.url, host, port, tls, target.weight)
            if target.resolve is not None:
                port = 0 if target.resolve == "srv" else port
                names.append(NamePlan(target.url, host, port, tls, target.weight, servers))
            if plan.identity in seen:
                loc = ("services", name, "targets", index, "url")
                message = "this target stands twice: give it a `weight` instead"
                self._report(loc, message, wanted=message)
            seen.add(plan.identity)
            if target.resolve is None:
                targets.append(plan)
        timeouts, own_tls = self._timeouts(service.timeouts), _service_tls(service.tls)
        return ServicePlan(name, tuple(targets), timeouts, own_tls, tuple(names))

    def _timeouts(self, own: TimeoutsConfig) -> TimeoutsPlan:
        """The service's own timeouts, then the config's defaults, then the built-in ones."""
        common = self.config.defaults.timeouts
        return TimeoutsPlan(
            **{name: getattr(own if name in own.model_fields_set else common, name) for name in _TIMEOUTS}
        )

    def route(self, index: int, route: RouteConfig, services: Mapping[str, ServicePlan]) -> RoutePlan | None:
        match = self._match(("routes", index, "match"), route.match)
        service = services.get(route.service)
        if service is None:
            self._report(("routes", index, "service"), f"no service is called {route.service!r}")
        if match is None or service is None:
            return None
        filters = self._filters(index, self._resource(index, route, match.path))
        max_body = route.max_body if "max_body" in route.model_fields_set else self.config.defaults.max_body
        return RoutePlan(
            name=route.name,
            match=match,
            pattern=match.path,
            service=service,
            max_body=UNLIMITED if max_body is None else max_body,
            priority=Priority[route.priority.upper()],
            upgrades=frozenset(name.encode("ascii") for name in route.upgrade),
            filters=filters,
        )

    def _resource(self, index: int, route: RouteConfig, pattern: PathPattern) -> ResourcePlan | None:
        if route.resource is None:
            return None
        try:
            return resource_plan(route.resource, pattern, route.actions)
        except ValueError as error:
            self._report(("routes", index, "resource"), str(error))
            return None

    def _filters(self, index: int, resource: ResourcePlan | None) -> tuple[FilterPlan, ...]:
        plans: list[FilterPlan] = []
        for loc, settings in filter_uses(self.config, index):
            try:
                plans.append(build_filter(self.config, loc, settings, self.config.routes[index].service, resource))
            except ValueError as error:
                self._report((*loc, settings.kind), str(error))
        return tuple(plans)

    def judge_logins(self) -> None:
        for loc, message, see in judge_logins(self.config):
            self._report(loc, message, see=see)

    def judge_overlaps(self, plans: list[RoutePlan]) -> None:
        for earlier, later in find_overlaps([plan.match for plan in plans]):
            self._report(
                ("routes", later, "match"),
                f"route {plans[later].name!r} and route {plans[earlier].name!r} can take the same request and "
                "neither is more specific: tell them apart by path, host, method, header or query",
                see=("routes", earlier),
            )

    def _match(self, loc: Loc, match: MatchConfig) -> Match | None:
        path = self._judged((*loc, "path"), match.path, PathPattern.parse)
        hosts = [self._judged((*loc, "hosts"), host, HostPattern.parse) for host in match.all_hosts]
        known_hosts = tuple(dict.fromkeys(host for host in hosts if host is not None))
        if path is None or len(known_hosts) < len(set(hosts)):
            return None
        conditions = [self._condition("header", loc, name, value) for name, value in match.headers.items()]
        conditions += [self._condition("query", loc, name, value) for name, value in match.query.items()]
        methods = None if match.methods is None else frozenset(method.encode("ascii") for method in match.methods)
        return Match(path, known_hosts, methods, tuple(conditions))

    def _condition(self, place: Literal["header", "query"], loc: Loc, name: str, value: str | None) -> Condition:
        section = "headers" if place == "header" else "query"
        written = self.config.written((*loc, section, name))
        folded = name.lower() if place == "header" else name
        return Condition(place, _encoded(folded), None if value is None else _encoded(value), written)

    def _judged(self, loc: Loc, text: str, judge: Callable[[str], T]) -> T | None:
        try:
            return judge(text)
        except ValueError as error:
            self._report(loc, str(error))
            return None

    def _report(self, loc: Loc, message: str, *, wanted: str = "", see: Loc = ()) -> None:
        self.problems.append(self.config.problem(Finding(loc, message, wanted=wanted, see=see)))


def _meet(one: ListenerPlan, other: ListenerPlan | AdminPlan) -> bool:
    """Whether not both can be bound: the same address, or one beside every address of its family."""
    hosts = ip_address(one.host), ip_address(other.host)
    if one.port != other.port or not one.port or hosts[0].version != hosts[1].version:
        return False
    return hosts[0] == hosts[1] or hosts[0].is_unspecified or hosts[1].is_unspecified


def _admin(config: Config) -> AdminPlan | None:
    admin = config.admin
    if admin is None:
        return None
    return AdminPlan(*parse_bind(admin.bind), admin.token, is_required="admin" in config.model_fields_set)


def _listener_tls(tls: ListenerTlsConfig | None) -> ListenerTlsPlan | None:
    if tls is None:
        return None
    return ListenerTlsPlan(
        certificates=tuple(CertificatePlan(each.certificate, each.key) for each in tls.all_certificates),
        min_version=tls.min_version,
        client_ca=tls.client_ca,
        requires_client=tls.client_ca is not None and tls.client_certificate == "required",
    )


def _service_tls(tls: ServiceTlsConfig) -> ServiceTlsPlan:
    own = CertificatePlan(tls.certificate, tls.key) if tls.certificate is not None and tls.key is not None else None
    return ServiceTlsPlan(ca=tls.ca, certificate=own, server_name=tls.server_name, verify=tls.verify)


def _encoded(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")
