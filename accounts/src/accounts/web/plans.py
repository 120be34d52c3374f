"""`/v1/plans`."""

from typing import Any

from flask import Blueprint, Response, request

from accounts.bootstrap.wiring import Services
from accounts.domain.plan import Period, Plan, Quota
from accounts.service import plans
from accounts.service.snapshots import plan_snapshot
from accounts.web import schemas
from accounts.web.tools import pager, writer
from servicekit.core.values import Position
from servicekit.web.answers import nothing, one
from servicekit.web.body import read_body, read_query
from servicekit.web.conditions import expected, unless_known
from servicekit.web.openapi import MERGE
from servicekit.web.shapes import NoQuery


def build(services: Services) -> Blueprint:
    """The routes of plans."""
    routes = Blueprint("plans", __name__, url_prefix="/v1/plans")
    store, clock = services.store, services.clock
    writing, paging = writer(services), pager(services)

    @routes.post("")
    def create_plan() -> Response:
        read_query(request, NoQuery)
        body, raw = read_body(request, schemas.PlanIn)
        plan = Plan(body.name, body.rate.requests, body.rate.seconds, body.burst, _quota(body.quota), body.concurrency)

        def work(tx: Any) -> Any:
            return one(plan_snapshot(plans.create(tx, plan, clock())), 201, f"/v1/plans/{plan.name}")

        return writing.run(work, raw)

    @routes.get("")
    def list_plans() -> Response:
        asked = read_query(request, schemas.PageQuery)
        position = paging.position(asked.cursor)
        after = "" if position is None else position.ident
        found = store.read(lambda tx: tx.plans.page(after, asked.limit + 1))
        return paging.page(found, asked.limit, plan_position, plan_snapshot)

    @routes.get("/<name>")
    def get_plan(name: str) -> Response:
        read_query(request, NoQuery)
        return unless_known(request, one(plan_snapshot(store.read(lambda tx: plans.find(tx, name)))))

    @routes.patch("/<name>")
    def patch_plan(name: str) -> Response:
        read_query(request, NoQuery)
        condition = expected(request)
        body, raw = read_body(request, schemas.PlanPatch, MERGE)
        patch = _patch(body)
        return writing.run(lambda tx: one(plan_snapshot(plans.change(tx, name, patch, condition))), raw)

    @routes.delete("/<name>")
    def remove_plan(name: str) -> Response:
        read_query(request, NoQuery)
        condition = expected(request)

        def work(tx: Any) -> Any:
            plans.remove(tx, name, condition)
            return nothing()

        return writing.run(work, None)

    return routes


def plan_position(plan: Plan) -> Position:
    """Where a plan stands in a list."""
    return Position(None, plan.name)


def _quota(given: schemas.QuotaMembers | None) -> Quota | None:
    return None if given is None else Quota(given.requests, Period(given.period))


def _patch(body: schemas.PlanPatch) -> dict[str, Any]:
    given = {name: getattr(body, name) for name in body.model_fields_set}
    if "rate" in given:
        rate = given.pop("rate")
        given |= {"requests": rate.requests, "seconds": rate.seconds}
    if "quota" in given:
        given["quota"] = _quota(given["quota"])
    return given
