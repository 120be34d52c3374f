"""Use cases on gateways: who may follow the feed."""

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.domain.credentials import GATEWAY_PREFIX, Pepper, code, is_code_of, is_key_id, new_text, parse_text
from accounts.domain.errors import DuplicateNameError, NotAuthenticatedError, NotFoundError
from accounts.domain.gateway import Gateway
from accounts.domain.names import new_name
from accounts.domain.times import in_seconds
from accounts.service.ports import Transaction
from accounts.service.snapshots import gateway_snapshot


@dataclass(frozen=True, slots=True)
class NewGateway:
    """A gateway that was just made, and its credential, which nobody can tell again."""

    gateway: Gateway
    text: str


def create(tx: Transaction, name: str, pepper: Pepper, now: int) -> NewGateway:
    """Make a credential for a gateway. Raises DuplicateNameError and InvalidValueError."""
    ident, text = new_text(GATEWAY_PREFIX)
    gateway = Gateway(ident, new_name("name", name), code(text, pepper), in_seconds(now))
    if not tx.gateways.add(gateway):
        raise DuplicateNameError("gateway", gateway.name)
    tx.audit.record("gateway.created", f"gateway/{ident}", gateway_snapshot(gateway))
    return NewGateway(gateway, text)


def find(tx: Transaction, ident: str) -> Gateway:
    """Read a gateway. Raises NotFoundError."""
    found = tx.gateways.get(ident) if is_key_id(ident) else None
    if found is None:
        raise NotFoundError("gateway", ident)
    return found


def remove(tx: Transaction, ident: str) -> None:
    """Refuse a gateway from now on. Raises NotFoundError."""
    gateway = find(tx, ident)
    tx.gateways.remove(gateway.id)
    tx.audit.record("gateway.removed", f"gateway/{gateway.id}", gateway_snapshot(gateway))


def authenticate(tx: Transaction, text: str, peppers: Mapping[int, Pepper]) -> Gateway:
    """The gateway whose credential this is. Raises NotAuthenticatedError."""
    shown = parse_text(text)
    if shown is None or shown.prefix != GATEWAY_PREFIX:
        raise NotAuthenticatedError
    found = tx.gateways.get(shown.id)
    pepper = None if found is None else peppers.get(found.secret.pepper)
    if found is None or pepper is None or not is_code_of(text, found.secret, pepper):
        raise NotAuthenticatedError
    return found
