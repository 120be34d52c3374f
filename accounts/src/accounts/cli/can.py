"""`accounts can` and `accounts who-can`: who may do what, and by which grant."""

import argparse
from collections.abc import Sequence
from typing import Any

from accounts.cli.client import find
from accounts.cli.running import PAGE, add_json, every, ready_services, say, say_json, say_table
from accounts.domain.client import Client
from accounts.domain.decision import Decision, Reason
from accounts.service import deciding
from accounts.service.deciding import Question
from accounts.service.ports import ClientQuery, Transaction

_SENTENCES = {
    Reason.GRANTED: "yes",
    Reason.DENIED: "no: denied",
    Reason.NOTHING_GRANTED: "no: nothing grants it",
    Reason.CLIENT_NOT_ACTIVE: "no: the client is not active",
}


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommands."""
    can = subcommands.add_parser("can", help="whether a client may, and why; status 1 when it may not")
    can.add_argument("client", help="its id or its name")
    can.set_defaults(run=run_can)
    who = subcommands.add_parser("who-can", help="the clients that may")
    who.set_defaults(run=run_who_can)
    for parser in (can, who):
        parser.add_argument("action", help="such as read")
        parser.add_argument("resource", help="such as inventory/cars/17")
        add_json(parser)


def run_can(options: argparse.Namespace) -> int:
    """Decide for one client."""
    question = Question(options.resource, options.action)
    with ready_services() as services:

        def work(tx: Transaction) -> tuple[Client, Decision]:
            return deciding.can(tx, find(tx, options.client).id, question, services.clock())

        client, decision = services.store.read(work)
    if options.json:
        say_json(_row(client, decision))
    else:
        by = _row(client, decision)["by"]
        say(_SENTENCES[decision.reason] + (f", by {by}" if by else ""))
    return 0 if decision.is_allowed else 1


def run_who_can(options: argparse.Namespace) -> int:
    """List who may."""
    question = Question(options.resource, options.action)
    with ready_services() as services:

        def page(after: str) -> Sequence[tuple[Client, Decision]]:
            query = ClientQuery(PAGE, after=after)
            return services.store.read(lambda tx: deciding.who_can(tx, question, query, services.clock()))

        decided = every(page, lambda one: one[0].id)
    rows = [_row(*one) for one in decided if one[1].is_allowed]
    if options.json:
        say_json(rows)
    else:
        say_table(rows, ("client_id", "client_name", "by"))
    return 0


def _row(client: Client, decision: Decision) -> dict[str, Any]:
    by = None
    if decision.by is not None:
        grant, role = decision.by.grant, decision.by.role
        source = "its own grant" if role is None else f"role {role}"
        by = f"{source}: {grant.effect} {','.join(grant.actions)} {grant.resource}"
    members = {"client_id": client.id, "client_name": client.name, "is_allowed": decision.is_allowed}
    return {**members, "reason": decision.reason.value, "by": by}
