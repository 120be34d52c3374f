"""`/`: the resources of a kind as a timeline. Made on the server; it needs no script."""

from collections.abc import Sequence
from importlib import resources as package_files
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, redirect, render_template, request
from pydantic import StringConstraints
from werkzeug.wrappers import Response as AnyResponse

from invsys.bootstrap.wiring import Services
from invsys.domain.allocation import Allocation
from invsys.domain.interval import to_datetime
from invsys.domain.kind import Kind
from invsys.domain.resource import Resource
from invsys.service import holds
from invsys.service.ports import AllocationQuery, ResourceQuery, Transaction
from invsys.web import timeline
from invsys.web.resources import name_position
from invsys.web.writing import build_pager
from servicekit.core.values import Position
from servicekit.web.body import read_query
from servicekit.web.problems import RefusalError
from servicekit.web.shapes import Closed, Cursor, Spelled

PAGE = 50
MAX_BARS = 200
"""Of one resource in one window; more than that is no picture any more, and the page says so."""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class PageQuery(Closed):
    """What the page shows. An empty field of its form asks for nothing."""

    kind: Annotated[str, StringConstraints(max_length=63)] = ""
    zoom: Literal["day", "week", "month"] = "week"
    first: Annotated[str, Spelled(r"^(\d{4}-\d{2}-\d{2})?$", "must be a date such as 2027-03-01")] = ""
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    labelled: Annotated[str, StringConstraints(max_length=264), Spelled(r"^([^=]+=.+)?$", "must be key=value")] = ""
    cursor: Cursor | None = None


def build(services: Services) -> Blueprint:
    """The routes of the page."""
    routes = Blueprint("page", __name__, template_folder="templates")
    pager = build_pager(services)
    style = (package_files.files("invsys.web") / "templates" / "style.css").read_text()

    @routes.get("/style.css")
    def stylesheet() -> AnyResponse:
        # Asked for anew each time, so that a page never wears the style of the version before it.
        response = Response(style, content_type="text/css; charset=utf-8", headers={"Cache-Control": "no-cache"})
        response.add_etag()
        return response.make_conditional(request)

    @routes.get("/")
    def page() -> AnyResponse:
        asked = read_query(request, PageQuery)
        kinds = services.kinds.all()
        kind = next((kind for kind in kinds if kind.plural == asked.kind), kinds[0])
        if asked.kind and kind.plural != asked.kind:
            return redirect("/")
        now = services.clock()
        try:
            shown = timeline.window(asked.zoom, asked.first or None, now)
        except ValueError as error:
            raise RefusalError(400, "bad_query", f"first: {error}") from None
        holds.settle_all(services.store, services.clock)
        query = _query(kind, asked, pager.position(asked.cursor))
        found, following = services.store.read(lambda tx: _found(tx, query, shown))
        context: dict[str, Any] = {
            "kinds": kinds,
            "kind": kind,
            "asked": asked,
            "shown": shown,
            "rows": timeline.rows(found, shown),
            "legend": timeline.legend(),
            "ticks": shown.ticks(now),
            "now": shown.place(now) if shown.interval.start <= now < shown.interval.end else None,
            "clock": f"{to_datetime(now):%H:%M}",
            "most": MAX_BARS,
            "following": None if following is None else pager.following(following)[1],
        }
        return Response(render_template("timeline.html", **context), headers=_HEADERS)

    return routes


def _query(kind: Kind, asked: PageQuery, after: Position | None) -> ResourceQuery:
    key, _, value = asked.labelled.partition("=")
    return ResourceQuery(
        kind=kind.code,
        limit=PAGE + 1,
        labels={key: value} if key else {},
        name_prefix=asked.name,
        by_name=True,
        after=after,
    )


def _found(
    tx: Transaction, query: ResourceQuery, shown: timeline.Window
) -> tuple[list[tuple[Resource, Sequence[Allocation]]], Position | None]:
    found = tx.resources.page(query)
    following = name_position(found[PAGE - 1]) if len(found) > PAGE else None
    taken = [
        (one, tx.allocations.page(AllocationQuery(one.id, MAX_BARS, window=shown.interval, by_start=True)))
        for one in found[:PAGE]
    ]
    return taken, following
