"""`/v1/audit`."""

from flask import Blueprint, Response, request

from accounts.bootstrap.wiring import Services
from accounts.domain.audit import Entry
from accounts.service.ports import AuditQuery
from accounts.service.snapshots import entry_snapshot
from accounts.web import schemas
from accounts.web.tools import pager
from servicekit.core.values import Position
from servicekit.web.body import read_query


def build(services: Services) -> Blueprint:
    """The route of the audit."""
    routes = Blueprint("audit", __name__, url_prefix="/v1/audit")
    paging = pager(services)

    @routes.get("")
    def list_entries() -> Response:
        asked = read_query(request, schemas.AuditQueryIn)
        position = paging.position(asked.cursor)
        before = None if position is None else int(position.ident)
        query = AuditQuery(asked.limit + 1, asked.subject, asked.actor, before)
        found = services.store.read(lambda tx: tx.audit.page(query))
        return paging.page(found, asked.limit, entry_position, entry_snapshot)

    return routes


def entry_position(entry: Entry) -> Position:
    """Where an entry stands in a list."""
    return Position(None, str(entry.seq))
