"""Who may do what, on both engines."""

import pytest

from accounts.bootstrap.wiring import Services
from accounts.domain.decision import Reason
from accounts.domain.errors import InvalidValueError
from accounts.domain.grant import Grant
from accounts.service import clients, deciding, roles
from accounts.service.deciding import Question
from accounts.service.ports import ClientQuery
from accounts_harness.making import make_client, make_grant
from servicekit.core.values import ANY

QUESTION = Question("inventory/cars/1", "read")


def test_own_grants_and_those_of_roles_count(services: Services) -> None:
    services.store.write(lambda tx: roles.create(tx, "reader", (Grant("inventory/**", ("read",)),), 1))
    own, by_role, denied, none = (
        make_client(services, name, roles=("reader",) if name in ("b", "c") else ()) for name in "abcd"
    )
    make_grant(services, own, "inventory/cars/*", "read")
    make_grant(services, denied, "inventory/cars/1", "*", effect="deny")
    found = services.store.read(lambda tx: deciding.who_can(tx, QUESTION, ClientQuery(10), services.clock()))
    assert [(client.id, decision.reason) for client, decision in found] == [
        (own.id, Reason.GRANTED),
        (by_role.id, Reason.GRANTED),
        (denied.id, Reason.DENIED),
        (none.id, Reason.NOTHING_GRANTED),
    ]
    _, decision = services.store.read(lambda tx: deciding.can(tx, by_role.id, QUESTION, services.clock()))
    assert decision.by is not None
    assert decision.by.role == "reader"
    services.store.write(lambda tx: clients.close(tx, by_role.id, ANY, services.clock()))
    _, decision = services.store.read(lambda tx: deciding.can(tx, by_role.id, QUESTION, services.clock()))
    assert decision.reason is Reason.CLIENT_NOT_ACTIVE


@pytest.mark.parametrize(
    ("resource", "action"), [("", "read"), ("/a", "read"), ("a", "*"), ("a", ""), ("a", "READ"), ("a", "a b")]
)
def test_what_is_no_question(resource: str, action: str) -> None:
    with pytest.raises(InvalidValueError):
        Question(resource, action)
