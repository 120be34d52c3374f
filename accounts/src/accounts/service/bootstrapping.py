"""The first act on a new database: peppers, one admin with a token, one gateway. Once only; no secret is a default."""

from dataclasses import dataclass

from accounts.domain.errors import DuplicateNameError, StateConflictError
from accounts.service import admins, gateways, peppers
from accounts.service.admins import TokenDraft
from accounts.service.ports import Peppers, Store, Transaction
from servicekit.core.values import Origin

FIRST_ADMIN = "admin"
FIRST_GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Beginning:
    """What bootstrap made: texts that nobody can tell again."""

    admin_token: str
    gateway_token: str


def is_done(tx: Transaction) -> bool:
    """Whether there is an admin already."""
    return bool(tx.admins.all())


def bootstrap(store: Store, held: Peppers, now: int, origin: Origin) -> Beginning:
    """Raises StateConflictError where it was done before, PepperUnavailableError, StoreUnavailableError."""
    refusal = StateConflictError("bootstrapped", "this database was bootstrapped before: its admins let others in")
    if store.read(is_done):
        raise refusal
    held.create()
    pepper = held.current()

    def work(tx: Transaction) -> Beginning:
        if is_done(tx):
            raise refusal
        try:
            admin = admins.create(tx, FIRST_ADMIN, None, now)
        except DuplicateNameError:  # two at once: the second waits here for the first, and finds its admin
            raise refusal from None
        for known in sorted(held.all().values(), key=lambda one: one.version):
            peppers.register(tx, known)
        token = admins.create_token(tx, admin.id, TokenDraft("bootstrap"), pepper, now)
        gateway = gateways.create(tx, FIRST_GATEWAY, pepper, now)
        return Beginning(token.text, gateway.text)

    return store.write(work, origin)
