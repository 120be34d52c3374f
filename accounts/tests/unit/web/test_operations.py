"""The table of operations."""

from accounts.web.operations import OPERATIONS


def test_each_is_there_once() -> None:
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)
    assert len({(operation.method, operation.path) for operation in OPERATIONS}) == len(OPERATIONS)


def test_whatever_makes_a_credential_demands_a_key() -> None:
    demanding = {operation.name for operation in OPERATIONS if operation.key}
    assert demanding == {"create_key", "rotate_key", "create_gateway", "create_token", "create_secret"}
