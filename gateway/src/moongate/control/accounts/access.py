"""What clients may do, as the replica has it: for `moongate can`, `who-can` and `explain`, offline and live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from moongate.compile.explanation import explain
from moongate.control.accounts.looking import LookFailed, Sight, looking
from moongate.core.exchange import Identity
from moongate.filters import Tools

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moongate.compile import Snapshot
    from moongate.compile.offline import Request


class Access(NamedTuple):
    """``is_allowed`` is None where it can not be told without asking somebody; ``why`` in words."""

    client: str
    name: str
    is_allowed: bool | None
    why: str


def explain_for(
    snapshot: Snapshot, request: Request, client: str | None = None, scopes: Sequence[str] = ()
) -> dict[str, Any]:
    """The decision over ``request``; for ``client`` (id or name) with these scopes, whatever the request shows, where
    one is given. Raises LookFailed, and ValueError for what is no request."""
    if client is None:
        try:
            with looking(snapshot.accounts) as sight:
                return explain(snapshot, request, Tools(sight.replica))
        except LookFailed:
            return explain(snapshot, request)
    with looking(snapshot.accounts) as sight:
        identity = _identity(sight, client, scopes)
        if not identity.record.is_active:
            raise LookFailed(f"client {client} is {identity.record.status}: whatever it shows is refused")
        return explain(snapshot, request, Tools(sight.replica), identity)


def can(snapshot: Snapshot, request: Request, client: str, scopes: Sequence[str] = ()) -> Access:
    """Raises LookFailed, and ValueError for what is no request."""
    with looking(snapshot.accounts) as sight:
        return _access(snapshot, request, sight, _identity(sight, client, scopes))


def who_can(snapshot: Snapshot, request: Request, scopes: Sequence[str] = ()) -> list[Access]:
    """Every client that may, or of which it can not be told. Raises LookFailed, and ValueError for what is no
    request."""
    with looking(snapshot.accounts) as sight:
        found = [_access(snapshot, request, sight, _identity(sight, each, scopes)) for each in sight.client_ids()]
    return [each for each in found if each.is_allowed is not False]


def _identity(sight: Sight, client: str, scopes: Sequence[str]) -> Identity:
    client_id = sight.id_of(client)
    record = None if client_id is None else sight.replica.find_client(client_id)
    if record is None:
        raise LookFailed(f"accounts knows no client {client!r}: name one by its id or its name")
    identity = Identity(record.id, "said", frozenset(scopes))
    identity.record = record
    return identity


def _access(snapshot: Snapshot, request: Request, sight: Sight, identity: Identity) -> Access:
    record = identity.record
    if not record.is_active:
        return Access(record.id, record.name, False, f"the client is {record.status}")
    explained = explain(snapshot, request, Tools(sight.replica), identity)
    return access_in(explained, record.id, record.name)


def access_in(explained: dict[str, Any], client: str, name: str) -> Access:
    """What an explanation for this client means for it."""
    steps = explained["filters"]
    told = next((each["why"] for each in reversed(steps) if each["why"]), "")
    if explained["code"]:
        return Access(client, name, False, told or f"{explained['status']} {explained['code']}")
    if not explained["is_decided"]:
        return Access(client, name, None, f"{steps[-1]['kind']} {steps[-1]['verdict']}")
    if steps and steps[-1]["verdict"].startswith("answers"):
        return Access(client, name, False, f"{steps[-1]['kind']} {steps[-1]['verdict']}")
    return Access(client, name, True, told or "the route asks for no grant")
