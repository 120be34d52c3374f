"""Short ways to make things, through the use cases."""

from accounts.bootstrap.wiring import Services
from accounts.domain.client import Client
from accounts.domain.grant import ClientGrant, Effect, Grant
from accounts.service import clients, grants, keys
from accounts.service.clients import ClientDraft
from accounts.service.keys import KeyDraft, NewKey
from servicekit.core.values import Origin

SOMEBODY = Origin("request", "somebody")


def make_client(services: Services, name: str = "Acme", **members: object) -> Client:
    """A new client."""
    draft = ClientDraft(name, **members)  # type: ignore[arg-type]
    return services.store.write(lambda tx: clients.create(tx, draft, services.clock()), SOMEBODY)


def make_key(services: Services, client: Client, **members: object) -> NewKey:
    """A new key of a client."""
    draft = KeyDraft(**{"name": "key", **members})  # type: ignore[arg-type]
    pepper = services.peppers.current()
    return services.store.write(lambda tx: keys.create(tx, client.id, draft, pepper, services.clock()), SOMEBODY)


def make_grant(services: Services, client: Client, resource: str, *actions: str, effect: str = "allow") -> ClientGrant:
    """A new grant of a client."""
    grant = Grant(resource, actions or ("read",), Effect(effect))
    return services.store.write(lambda tx: grants.create(tx, client.id, grant, services.clock()), SOMEBODY)
