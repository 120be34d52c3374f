"""`/matrix`: who may do what. Clients by patterns of resources; or, for one action and resource, what decides."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from flask import request
from pydantic import StringConstraints
from werkzeug.wrappers import Response

from accounts.domain.client import Client, ClientStatus
from accounts.domain.decision import Held, Reason
from accounts.domain.errors import InvalidValueError
from accounts.domain.grant import ANY_ACTION, MAX_PATTERN, Effect
from accounts.service import deciding
from accounts.service.deciding import Question
from accounts.service.ports import ClientQuery, Transaction
from accounts.web.clients import client_position
from accounts.web.pages.forms import Form, Refused, refuse
from accounts.web.pages.shell import Shell, page
from accounts.web.tools import pager
from servicekit.web.body import read_query
from servicekit.web.shapes import Closed, Cursor

PAGE = 50
MAX_PATTERNS = 8
"""Columns that a window is wide enough for; which resources the others are about is asked one by one."""
WHY = {
    Reason.GRANTED: "granted by",
    Reason.DENIED: "denied by",
    Reason.NOTHING_GRANTED: "nothing grants it",
    Reason.CLIENT_NOT_ACTIVE: "the client is not active",
}


class MatrixPage(Closed):
    """What the page shows; with `resource` and `action` it is a question. An empty field asks for nothing."""

    name: Annotated[str, StringConstraints(max_length=200)] = ""
    resource: Annotated[str, StringConstraints(max_length=MAX_PATTERN)] = ""
    action: Annotated[str, StringConstraints(max_length=32)] = ""
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """What one grant says of a pattern. `look` is allow, narrowed (a query is forced) or deny."""

    look: str
    actions: str
    role: str | None
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` have a list of cells for each of `patterns`; `left_out` is how many patterns there are beyond them."""

    patterns: Sequence[str]
    left_out: int
    rows: Sequence[tuple[Client, Sequence[Sequence[Cell]]]]


def add(shell: Shell) -> None:
    """The route of the matrix."""
    services, paging = shell.services, pager(shell.services)

    @shell.routes.get("/matrix")
    def matrix() -> Response:
        asked = read_query(request, MatrixPage)
        position = paging.position(asked.cursor)
        after = "" if position is None else position.ident
        query = ClientQuery(PAGE + 1, ClientStatus.ACTIVE, asked.name, after)
        refused, question = _question(asked)
        now = services.clock()

        def read(tx: Transaction) -> tuple[list[Client], dict[str, Any]]:
            if question is not None:
                decided = deciding.who_can(tx, question, query, now)
                return [client for client, _ in decided], {"decided": decided[:PAGE]}
            clients = list(tx.clients.page(query))
            return clients, {"table": lay_out(clients[:PAGE], deciding.held_by(tx, clients[:PAGE]), now)}

        found, shown = services.store.read(read)
        following = paging.following(client_position(found[PAGE - 1]))[1] if len(found) > PAGE else None
        return page("matrix.html", refused=refused, asked=asked, why=WHY, following=following, **shown)


def lay_out(clients: Sequence[Client], held: Mapping[str, Sequence[Held]], now: int) -> Table:
    """The table: the patterns that most clients have come first, expired grants not at all."""
    live = {client.id: [one for one in held[client.id] if one.grant.is_live(now)] for client in clients}
    counts = Counter(pattern for own in live.values() for pattern in {one.grant.resource for one in own})
    chosen = sorted(counts, key=lambda pattern: (-counts[pattern], pattern))[:MAX_PATTERNS]
    patterns = sorted(chosen)
    rows = [
        (client, [[_cell(one) for one in live[client.id] if one.grant.resource == pattern] for pattern in patterns])
        for client in clients
    ]
    return Table(patterns, len(counts) - len(patterns), rows)


def _cell(held: Held) -> Cell:
    grant = held.grant
    look = "deny" if grant.effect is Effect.DENY else "narrowed" if grant.query else "allow"
    actions = "everything" if ANY_ACTION in grant.actions else ", ".join(grant.actions)
    return Cell(look, actions, held.role, grant.query)


def _question(asked: MatrixPage) -> tuple[Refused | None, Question | None]:
    if not asked.resource and not asked.action:
        return None, None
    try:
        if not asked.resource:
            raise InvalidValueError("resource", "missing", "is missing: such as inventory/cars/17")
        return None, Question(asked.resource, asked.action)
    except InvalidValueError as error:
        return refuse("question", Form(), error), None
