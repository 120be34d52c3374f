"""Clients."""

from typing import Any

import pytest

from accounts.domain.client import Client
from accounts.domain.errors import InvalidValueError


@pytest.mark.parametrize(
    ("field", "members"),
    [
        ("name", {"name": "a\nb"}),
        ("plan", {"plan": "Big"}),
        ("roles", {"roles": ("a", "a")}),
        ("roles/1", {"roles": ("a", "B")}),
        ("labels", {"labels": {"": "x"}}),
        ("certificates", {"certificates": ("CN=a", "CN=a")}),
        ("certificates/0", {"certificates": ("CN=a\x00",)}),
    ],
)
def test_what_is_wrong_is_named(field: str, members: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError) as caught:
        Client(**{"id": "cl", "name": "Acme", "created_at": 0, **members})
    assert caught.value.field == field
