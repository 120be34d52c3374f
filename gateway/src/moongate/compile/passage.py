"""A route's filters, run on one request without a worker: what each of them says, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from moongate.core.edits import FieldEdits
from moongate.core.exchange import Exchange, Identity, Imagined
from moongate.filters import Refusal, Response, Tools
from moongate.filters.authenticate import KIND as AUTHENTICATE
from moongate.filters.authenticate import AuthenticatePlan
from moongate.filters.authorize import AuthorizePlan
from moongate.filters.identity_fields import identity_lines

if TYPE_CHECKING:
    from moongate.compile.snapshot import RoutePlan
    from moongate.core.message import RequestHead
    from moongate.filters import FilterPlan

REMOTE: Final = "192.0.2.1"  # RFC 5737: nobody's address


class Step(NamedTuple):
    """What one filter said, in words; ``reason`` is what the log would say where it refused, ``why`` more words."""

    kind: str
    verdict: str
    reason: str = ""
    why: str = ""


class Passage(NamedTuple):
    """``answer`` is that of the filter that let the request go no further, None where all did. Where one would have to
    ask somebody, or can not work here, ``is_decided`` is false, and those behind it were not run."""

    exchange: Exchange
    steps: tuple[Step, ...] = ()
    answer: Refusal | Response | None = None
    is_decided: bool = True


def pass_filters(
    route: RoutePlan, head: RequestHead, tools: Tools, identity: Identity | None = None, *, is_secure: bool = False
) -> Passage:
    """Run the filters of ``route``. ``identity`` is taken for proved, whatever the request shows, which came over TLS
    where it ``is_secure``."""
    exchange = Imagined(head, REMOTE, is_secure=is_secure)
    exchange.route, exchange.service = route.name, route.service.name
    steps: list[Step] = []
    for plan in route.filters:
        if isinstance(plan, AuthenticatePlan) and identity is not None:
            exchange.identity = identity
            if plan.has_fields:
                exchange.edit(FieldEdits(frozenset(), identity_lines(identity)))
            steps.append(Step(plan.kind, f"taken for client {identity.client}"))
            continue
        step, answer, is_decided = _run(plan, exchange, tools)
        steps.append(step)
        if answer is not None or not is_decided:
            return Passage(exchange, tuple(steps), answer, is_decided)
    return Passage(exchange, tuple(steps))


def _run(plan: FilterPlan, exchange: Exchange, tools: Tools) -> tuple[Step, Refusal | Response | None, bool]:
    try:
        verdict = plan.bind(tools)(exchange)
    except ValueError as error:
        return Step(plan.kind, f"can not be run here: {error}"), None, False
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a user's own step; a worker would answer 500 and log it
        return Step(plan.kind, f"fails, which is answered 500: {type(error).__name__}: {error}"), None, False
    why = plan.why(exchange, tools.seconds()) if isinstance(plan, AuthorizePlan) else ""
    if verdict is None:
        return Step(plan.kind, _passed(exchange, plan.kind), why=why), None, True
    if isinstance(verdict, Refusal):
        said = f"refuses: {verdict.failure.status} {verdict.failure.code}"
        return Step(plan.kind, said, verdict.reason, why), verdict, True
    if isinstance(verdict, Response):
        return Step(plan.kind, f"answers {verdict.status}"), verdict, True
    close = getattr(verdict, "close", None)
    if close is not None:
        close()  # a coroutine that is not going to run
    asking = getattr(plan, "asking", None)
    why = why if asking is None else asking()
    return Step(plan.kind, "has to ask somebody first, which is not done here", why=why), None, False


def _passed(exchange: Exchange, kind: str) -> str:
    if kind == AUTHENTICATE:
        identity = exchange.identity
        return "passes, as nobody in particular" if identity is None else f"passes: client {identity.client}"
    return "passes"
