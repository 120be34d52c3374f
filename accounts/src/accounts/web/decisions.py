"""`/v1/decisions` and `/v1/who-can`: who may do what, and why."""

from typing import Any

from flask import Blueprint, Response, request

from accounts.bootstrap.wiring import Services
from accounts.domain.client import Client
from accounts.domain.decision import Decision
from accounts.service import deciding
from accounts.service.deciding import Question
from accounts.service.ports import ClientQuery
from accounts.service.snapshots import grant_members
from accounts.web import schemas
from accounts.web.clients import client_position
from accounts.web.tools import pager
from servicekit.web.answers import plain, respond
from servicekit.web.body import read_query


def build(services: Services) -> Blueprint:
    """The routes of decisions."""
    routes = Blueprint("decisions", __name__, url_prefix="/v1")
    store, clock, paging = services.store, services.clock, pager(services)

    @routes.get("/decisions")
    def get_decision() -> Response:
        asked = read_query(request, schemas.DecisionQuery)
        question = Question(asked.resource, asked.action)
        client, decision = store.read(lambda tx: deciding.can(tx, asked.client, question, clock()))
        return respond(plain(decision_snapshot((client, decision))))

    @routes.get("/who-can")
    def who_can() -> Response:
        asked = read_query(request, schemas.WhoCanQuery)
        question = Question(asked.resource, asked.action)
        position = paging.position(asked.cursor)
        query = ClientQuery(asked.limit + 1, after="" if position is None else position.ident)
        found = store.read(lambda tx: deciding.who_can(tx, question, query, clock()))
        return paging.page(found, asked.limit, lambda one: client_position(one[0]), decision_snapshot)

    return routes


def decision_snapshot(decided: tuple[Client, Decision]) -> dict[str, Any]:
    """A decision as a JSON object."""
    client, decision = decided
    by = decision.by
    return {
        "client_id": client.id,
        "client_name": client.name,
        "is_allowed": decision.is_allowed,
        "reason": decision.reason.value,
        "grant": None if by is None else {**grant_members(by.grant), "role": by.role},
    }
