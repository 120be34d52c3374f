"""`/api/events`: the feed of changes, by long poll."""

import time
from typing import Any

from flask import Blueprint, Response, request

from invsys.bootstrap.wiring import Services
from invsys.domain.interval import format_instant
from invsys.service import events
from invsys.service.ports import Change, ChangeQuery
from invsys.web.schemas import EventsQuery
from servicekit.web.answers import plain, respond
from servicekit.web.body import read_query
from servicekit.web.places import Places


def build(services: Services) -> Blueprint:
    """The route of the feed."""
    routes = Blueprint("events", __name__, url_prefix="/api/events")
    places = Places(services.settings.threads)

    @routes.get("")
    def list_events() -> Response:
        asked = read_query(request, EventsQuery)
        query = ChangeQuery(asked.after, asked.limit, asked.resource_id, asked.kind)
        with places.wait(asked.wait) as seconds:
            found, following = events.wait(services.store, query, seconds, time.sleep)
        return respond(plain({"events": [change_snapshot(change) for change in found], "next_after": following}))

    return routes


def change_snapshot(change: Change) -> dict[str, Any]:
    """A change as a JSON object."""
    return {
        "seq": change.seq,
        "type": change.topic,
        "occurred_at": format_instant(change.at),
        "resource_type": change.kind,
        "resource_id": change.resource_id,
        "allocation_id": change.allocation_id,
        "before": change.before,
        "after": change.after,
        "request_id": change.request_id,
        "actor": change.actor,
    }
