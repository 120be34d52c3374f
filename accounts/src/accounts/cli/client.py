"""`accounts client`: who may call."""

import argparse
from collections.abc import Callable
from typing import Any

from accounts.bootstrap.wiring import Services
from accounts.cli.running import (
    PAGE,
    add_json,
    every,
    origin,
    parse_pairs,
    ready_services,
    say,
    say_json,
    say_members,
    say_table,
)
from accounts.domain.client import Client, ClientStatus
from accounts.domain.errors import NotFoundError
from accounts.service import clients
from accounts.service.clients import ClientDraft
from accounts.service.ports import ClientQuery, Transaction
from accounts.service.snapshots import client_snapshot
from servicekit.core.values import ANY

COLUMNS = ("id", "name", "status", "plan", "roles", "labels", "created")


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its own."""
    acts = subcommands.add_parser("client", help="make, list, change and close clients").add_subparsers(
        metavar="ACT", required=True
    )
    create = _act(acts, "create", "add a client", run_create)
    create.add_argument("name")
    _members(create)
    create.add_argument("--if-absent", action="store_true", help="an open client of that name is fine, and left alone")
    listing = _act(acts, "list", "the clients, without the closed ones", run_list)
    listing.add_argument("--status", choices=[status.value for status in ClientStatus])
    _one(_act(acts, "show", "one client", run_show))
    change = _act(acts, "change", "change what is given, leave the rest", run_change)
    _one(change)
    change.add_argument("--name")
    _members(change)
    for act, text in (("suspend", "serve it no more, until it is resumed"), ("resume", "serve it again")):
        status = ClientStatus.SUSPENDED if act == "suspend" else ClientStatus.ACTIVE
        one = _act(acts, act, text, run_status)
        one.set_defaults(status=status)
        _one(one)
    _one(_act(acts, "close", "end it for good: keys are revoked, the name becomes free", run_close))
    _one(_act(acts, "revoke-tokens", "refuse every token issued to it until now", run_revoke_tokens))


def find(tx: Transaction, text: str) -> Client:
    """The client of that id, or else of that name. Raises NotFoundError."""
    try:
        return clients.find(tx, text)
    except NotFoundError:
        found = tx.clients.by_name(text)
        if found is None:
            raise
        return found


def run_create(options: argparse.Namespace) -> int:
    """Add a client."""
    draft = ClientDraft(
        options.name,
        options.plan,
        tuple(options.role or ()),
        parse_pairs("label", options.label or ()),
        tuple(options.certificate or ()),
    )
    with ready_services() as services:

        def work(tx: Transaction) -> tuple[Client, bool]:
            found = tx.clients.by_name(options.name) if options.if_absent else None
            return (clients.create(tx, draft, services.clock()), True) if found is None else (found, False)

        client, is_new = services.store.write(work, origin())
    return _show(options, client, is_new=is_new)


def run_list(options: argparse.Namespace) -> int:
    """List clients."""
    status = None if options.status is None else ClientStatus(options.status)
    with ready_services() as services:
        found = every(
            lambda after: services.store.read(lambda tx: tx.clients.page(ClientQuery(PAGE, status, after=after))),
            lambda client: client.id,
        )
    rows = [client_snapshot(client) for client in found]
    if options.json:
        say_json(rows)
    else:
        say_table(rows, COLUMNS)
    return 0


def run_show(options: argparse.Namespace) -> int:
    """Show a client."""
    with ready_services() as services:
        return _show(options, services.store.read(lambda tx: find(tx, options.client)))


def run_change(options: argparse.Namespace) -> int:
    """Change members of a client."""
    patch: dict[str, Any] = {}
    if options.name is not None:
        patch["name"] = options.name
    if options.plan is not None:
        patch["plan"] = options.plan or None
    if options.role is not None:
        patch["roles"] = tuple(role for role in options.role if role)
    if options.label is not None:
        pairs = parse_pairs("label", options.label)
        patch["labels"] = {key: value or None for key, value in pairs.items()}
    if options.certificate is not None:
        patch["certificates"] = tuple(subject for subject in options.certificate if subject)
    return _change(options, lambda tx, client, _: clients.change(tx, client.id, patch, ANY))


def run_status(options: argparse.Namespace) -> int:
    """Suspend or resume a client."""
    return _change(options, lambda tx, client, _: clients.change(tx, client.id, {"status": options.status}, ANY))


def run_revoke_tokens(options: argparse.Namespace) -> int:
    """Refuse the tokens of a client."""
    return _change(options, lambda tx, client, now: clients.revoke_tokens(tx, client.id, now))


def run_close(options: argparse.Namespace) -> int:
    """Close a client."""

    def work(tx: Transaction, client: Client, now: int) -> Client:
        clients.close(tx, client.id, ANY, now)
        return clients.find(tx, client.id)

    return _change(options, work)


def _change(options: argparse.Namespace, work: Callable[[Transaction, Client, int], Client]) -> int:
    with ready_services() as services:
        client = _write(services, options.client, work)
    return _show(options, client)


def _write(services: Services, text: str, work: Callable[[Transaction, Client, int], Client]) -> Client:
    return services.store.write(lambda tx: work(tx, find(tx, text), services.clock()), origin())


def _show(options: argparse.Namespace, client: Client, **more: Any) -> int:
    members = client_snapshot(client)
    if options.json:
        say_json({**members, **more})
    elif more.get("is_new") is False:
        say(f"there is a client {client.name!r} already: {client.id}")
    else:
        say_members(members)
    return 0


def _act(acts: Any, name: str, text: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = acts.add_parser(name, help=text)
    add_json(parser)
    parser.set_defaults(run=run)
    return parser


def _one(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("client", help="its id or its name")


def _members(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plan", help="the name of its plan")
    parser.add_argument("--role", action="append", help="a role it has; once for each, in the order that counts")
    parser.add_argument("--label", action="append", metavar="KEY=VALUE", help="once for each")
    parser.add_argument("--certificate", action="append", metavar="SUBJECT", help="a certificate it may come with")
