"""Cases run against a snapshot: no sockets, no accounts, some 50 us each."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from moongate.compile.difference import outcome
from moongate.compile.offline import Decision, Request, decide
from moongate.core.exchange import Identity
from moongate.filters.authenticate import AuthenticatePlan
from moongate.filters.authorize import AuthorizePlan
from moongate.stores.records import ACTIVE, ClientRecord, Grant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from moongate.compile.snapshot import Snapshot
    from moongate.config import Problem
    from moongate.config.cases import CaseClientConfig, CaseConfig, Cases, ExpectConfig
    from moongate.filters import Tools


Writer: TypeAlias = "Callable[[Decision], bytes]"

_MADE_HERE: Final = ("host", "via", "x-forwarded-", "x-request-id", "content-length", "transfer-encoding")


class CaseResult(NamedTuple):
    """One case, run. ``problems`` are empty where it passed; ``route`` is the one that took the request, if any."""

    name: str
    problems: tuple[Problem, ...]
    route: str | None


class Ground(NamedTuple):
    """What cases are run on. ``tools`` are those of filters; ``write`` gives the head that a service would be sent,
    or raises ValueError where a filter is in the way."""

    snapshot: Snapshot
    tools: Tools
    write: Writer


def run_cases(cases: Cases, ground: Ground) -> Iterator[CaseResult]:
    """Every case, in the order of the file."""
    for index in range(len(cases.config.cases)):
        yield run_case(cases, index, ground)


def run_case(cases: Cases, index: int, ground: Ground) -> CaseResult:
    """The case at ``index``."""
    case = cases.config.cases[index]
    name = case.name or case.request
    try:
        decision = _decision(case, cases.config.client_of(case), ground)
    except ValueError as error:
        return CaseResult(name, (cases.problem(("cases", index, "request"), f"{name}: {error}"),), None)
    route = None if decision.route is None else decision.route.name
    problems = tuple(
        cases.problem(("cases", index, "expect", *key.split("/")), f"{name}: {message}")
        for key, message in chain(
            _differences(case.expect, decision), _upstream_differences(case.expect, decision, ground.write)
        )
    )
    return CaseResult(name, problems, route)


def _decision(case: CaseConfig, client: CaseClientConfig | None, ground: Ground) -> Decision:
    """Raises ValueError for what is no request, and where it can not be told here who may make it."""
    tools = ground.tools if case.asks_who_may else None
    identity = None if client is None or case.client is None else _identity(case.client, client)
    decision = decide(ground.snapshot, _request(case), tools, identity)
    route, passage = decision.route, decision.passage
    if route is not None and passage is not None and not passage.is_decided:
        not_run = route.filters[len(passage.steps) - 1 :]
        if any(isinstance(plan, AuthenticatePlan | AuthorizePlan) for plan in not_run):
            raise ValueError(
                f"who may make it is not decided here: {passage.steps[-1].kind} {passage.steps[-1].verdict}"
            )
    return decision


def _identity(client_id: str, client: CaseClientConfig) -> Identity:
    identity = Identity(client_id, "said", frozenset(client.scopes))
    identity.record = ClientRecord(
        id=client_id,
        name=client_id,
        status=ACTIVE,
        not_before=0,
        plan=None,
        labels={},
        keys=(),
        subjects=(),
        revoked_tokens=frozenset(),
        grants=tuple(Grant(each.resource, each.actions, each.effect, None, each.query) for each in client.grants),
    )
    return identity


def _request(case: CaseConfig) -> Request:
    method, _, url = case.request.partition(" ")
    return Request(method, url.strip(), tuple(case.headers.items()))


def _differences(expect: ExpectConfig, decision: Decision) -> Iterator[tuple[str, str]]:
    """Keys of ``expect`` that do not hold, each with what was found instead."""
    route, failure, head = decision.route, decision.failure, decision.head
    asks_for_answer = expect.status is not None or expect.code is not None
    if failure is not None and not asks_for_answer and (expect.route or expect.service):
        key = "route" if expect.route else "service"
        yield key, f"expected {key} {getattr(expect, key)!r}, but it ends in {_end(decision)}"
        return
    found = {
        "route": route.name if route else None,
        "service": route.service.name if route else None,
        "parameters": route.pattern.capture(head.path) if route and head else None,
        "path": head.path.decode("ascii") if head else None,
        "status": failure.status if failure else None,
        "code": failure.code if failure else None,
        "allow": sorted(method.decode("ascii") for method in decision.allowed) if failure else None,
    }
    for key, actual in found.items():
        wanted = getattr(expect, key)
        if key == "allow" and wanted is not None:
            wanted = sorted(wanted)
        if wanted is not None and wanted != actual:
            yield key, f"expected {key} {wanted!r}, but it ends in {_end(decision)}" + _instead(key, actual, decision)


def _upstream_differences(expect: ExpectConfig, decision: Decision, write: Writer) -> Iterator[tuple[str, str]]:
    upstream = expect.upstream
    if upstream is None:
        return
    if decision.route is None or decision.failure is not None:
        yield "upstream", f"expected to be forwarded, but it ends in {_end(decision)}"
        return
    try:
        first, _, rest = write(decision).decode("latin-1").partition("\r\n")
    except ValueError as error:
        yield "upstream", f"expected to be forwarded, but {error}"
        return
    line = first.rpartition(" ")[0]
    if upstream.request is not None and upstream.request != line:
        yield "upstream/request", f"expected upstream request {upstream.request!r}, but it is {line!r}"
    sent: dict[str, list[str]] = {}
    for field in rest.split("\r\n"):
        header, _, value = field.partition(":")
        sent.setdefault(header.lower(), []).append(value.strip())
    for header, wanted in upstream.headers.items():
        values = sent.get(header.lower())
        actual = None if values is None else ", ".join(values)
        if actual != wanted:
            expected = "none" if wanted is None else repr(wanted)
            found = "there is none" if actual is None else f"it is {_shown(header, actual, decision)}"
            yield f"upstream/headers/{header}", f"expected upstream header {header} to be {expected}, but {found}"


def _shown(header: str, actual: str, decision: Decision) -> str:
    """A value that a filter put there may be a secret."""
    own = decision.head.get(header.lower().encode()) if decision.head is not None else None
    is_known = header.lower().startswith(_MADE_HERE) or own == actual.encode("latin-1")
    return repr(actual) if is_known else "another, which a filter put there and is not shown"


def _end(decision: Decision) -> str:
    """Where it ends, and which grant decided that, where one did."""
    steps = decision.passage.steps if decision.passage is not None else ()
    why = next((step.why for step in reversed(steps) if step.why), "")
    return f"{outcome(decision)} ({why})" if why else outcome(decision)


def _instead(key: str, actual: object, decision: Decision) -> str:
    """What the outcome does not say by itself."""
    if key in ("status", "code") and decision.route is not None and decision.route.filters and not decision.passage:
        return "; its filters are run where the case names a `client`, be it an empty one"
    return f", {key} {actual!r}" if key in ("parameters", "path", "allow") and actual is not None else ""
