"""`/roles` and `/plans`: what clients can be given."""

from typing import Any

from flask import g, request
from werkzeug.wrappers import Response

from accounts.domain.errors import InvalidValueError
from accounts.domain.plan import Period, Plan, Quota
from accounts.service import plans, roles
from accounts.web.pages.forms import REFUSALS, Form, Refused, refuse
from accounts.web.pages.grants import read_grant
from accounts.web.pages.shell import Shell, page, see_other
from accounts.web.tools import pager
from servicekit.core.values import Position
from servicekit.web.body import read_query
from servicekit.web.shapes import Closed, Cursor

PAGE = 100


class CatalogPage(Closed):
    """Where the list begins."""

    cursor: Cursor | None = None


def add(shell: Shell) -> None:
    """The routes of roles and plans."""
    services, paging = shell.services, pager(shell.services)

    def show(what: str, refused: Refused | None = None) -> Response:
        asked = CatalogPage() if refused else read_query(request, CatalogPage)
        position = paging.position(asked.cursor)
        after = "" if position is None else position.ident
        found: list[Any] = list(services.store.read(lambda tx: getattr(tx, what).page(after, PAGE + 1)))
        following = paging.following(Position(None, found[PAGE - 1].name))[1] if len(found) > PAGE else None
        return page(f"{what}.html", refused=refused, found=found[:PAGE], following=following)

    @shell.routes.get("/roles")
    def list_roles() -> Response:
        return show("roles")

    @shell.routes.post("/roles")
    def create_role() -> Response:
        try:
            now = services.clock()
            grant = read_grant(g.form, now)
            shell.change(lambda tx: roles.create(tx, g.form.text("name"), (grant,), now))
        except REFUSALS as error:
            return show("roles", refuse("role", g.form, error))
        return see_other("/roles")

    @shell.routes.get("/plans")
    def list_plans() -> Response:
        return show("plans")

    @shell.routes.post("/plans")
    def create_plan() -> Response:
        try:
            plan = read_plan(g.form)
            shell.change(lambda tx: plans.create(tx, plan, services.clock()))
        except REFUSALS as error:
            return show("plans", refuse("plan", g.form, error))
        return see_other("/plans")


def read_plan(form: Form) -> Plan:
    """The plan that a form describes. Raises InvalidValueError."""
    requests, period = form.number("quota"), form.text("period")
    if period not in set(Period):
        raise InvalidValueError("quota", "bad_period", "must be of an hour, a day or a month")
    quota = None if requests is None else Quota(requests, Period(period))
    rate, seconds, burst = (form.number(name) or 0 for name in ("rate", "seconds", "burst"))
    return Plan(form.text("name"), rate, seconds, burst, quota, form.number("concurrency"))
