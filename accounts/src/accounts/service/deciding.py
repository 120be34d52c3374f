"""Who may do what, on what is stored: for explanations and the matrix. Gateways decide by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.domain.client import Client, ClientStatus
from accounts.domain.decision import Decision, Held, check_resource, decide_for, held_grants
from accounts.domain.grant import check_one_action
from accounts.domain.role import Role  # noqa: TC001 - a local variable is annotated with it
from accounts.service import clients
from accounts.service.ports import ClientQuery, Transaction


@dataclass(frozen=True, slots=True)
class Question:
    """May `action` be done to `resource`? A pattern is no resource, and `*` no action."""

    resource: str
    action: str

    def __post_init__(self) -> None:
        check_resource(self.resource)
        check_one_action(self.action)


def can(tx: Transaction, client_id: str, question: Question, now: int) -> tuple[Client, Decision]:
    """Whether a client may. Raises NotFoundError."""
    client = clients.find(tx, client_id)
    held = held_by(tx, [client])[client.id]
    return client, decide_for(client, held, question.resource, question.action, now)


def who_can(tx: Transaction, question: Question, query: ClientQuery, now: int) -> Sequence[tuple[Client, Decision]]:
    """What is decided for each client of a page of those that are active."""
    found = tx.clients.page(ClientQuery(query.limit, ClientStatus.ACTIVE, query.name_prefix, query.after))
    held = held_by(tx, found)
    return [(client, decide_for(client, held[client.id], question.resource, question.action, now)) for client in found]


def held_by(tx: Transaction, found: Sequence[Client]) -> dict[str, list[Held]]:
    """By client, its own grants and those of its roles, in the order that counts."""
    roles: dict[str, Role] = {}
    for name in {name for client in found for name in client.roles}:
        role = tx.roles.get(name)
        if role is not None:
            roles[name] = role
    own = tx.grants.of_clients([client.id for client in found])
    return {
        client.id: held_grants(
            [held.grant for held in own.get(client.id, ())], [roles[name] for name in client.roles if name in roles]
        )
        for client in found
    }
