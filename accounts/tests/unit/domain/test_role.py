"""Roles."""

import pytest

from accounts.domain.errors import InvalidValueError
from accounts.domain.grant import MAX_GRANTS, Grant
from accounts.domain.role import Role


def test_a_role_is_bounded() -> None:
    grant = Grant("a", ("read",))
    Role("reader", (grant,) * MAX_GRANTS)
    with pytest.raises(InvalidValueError):
        Role("reader", (grant,) * (MAX_GRANTS + 1))
    with pytest.raises(InvalidValueError):
        Role("Reader")
