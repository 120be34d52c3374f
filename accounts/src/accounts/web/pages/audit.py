"""`/audit`: what was done by whom, the newest first, and whether the chain of entries holds."""

import json
from typing import Annotated, Any, Literal

from flask import request
from pydantic import StringConstraints
from werkzeug.wrappers import Response

from accounts.service import auditing
from accounts.service.ports import AuditQuery, Transaction
from accounts.service.snapshots import entry_snapshot
from accounts.web.audit import entry_position
from accounts.web.pages.shell import Shell, page
from accounts.web.tools import pager
from servicekit.web.body import read_query
from servicekit.web.shapes import Closed, Cursor

PAGE = 50
PROVED_UNASKED = 5000
"""Entries that are proved with each view, within 100 ms or so; more when somebody asks for it."""
MAX_DETAILS = 400
"""Characters of an entry's details; the API has them whole."""


class AuditPage(Closed):
    """What the page shows. An empty field of its form asks for nothing."""

    subject: Annotated[str, StringConstraints(max_length=200)] = ""
    actor: Annotated[str, StringConstraints(max_length=264)] = ""
    verify: Literal["", "yes"] = ""
    cursor: Cursor | None = None


def add(shell: Shell) -> None:
    """The route of the audit."""
    services, paging = shell.services, pager(shell.services)

    @shell.routes.get("/audit")
    def audit() -> Response:
        asked = read_query(request, AuditPage)
        position = paging.position(asked.cursor)
        before = None if position is None else int(position.ident)
        query = AuditQuery(PAGE + 1, asked.subject or None, asked.actor or None, before)

        def read(tx: Transaction) -> dict[str, Any]:
            count = tx.audit.last()
            is_proved = asked.verify == "yes" or count <= PROVED_UNASKED
            return {
                "count": count,
                "proof": auditing.verify(tx) if is_proved else None,
                "found": tx.audit.page(query),
            }

        shown = services.store.read(read)
        found = shown.pop("found")
        following = paging.following(entry_position(found[PAGE - 1]))[1] if len(found) > PAGE else None
        rows = [{**entry_snapshot(entry), "text": _text(entry.details)} for entry in found[:PAGE]]
        return page("audit.html", asked=asked, entries=rows, following=following, **shown)


def _text(details: dict[str, Any]) -> str:
    text = json.dumps(details, ensure_ascii=False) if details else ""
    return text if len(text) <= MAX_DETAILS else text[:MAX_DETAILS] + "\u2026"
