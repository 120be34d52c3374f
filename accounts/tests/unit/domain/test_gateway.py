"""Gateways."""

import pytest

from accounts.domain.credentials import Secret
from accounts.domain.errors import InvalidValueError
from accounts.domain.gateway import Gateway


def test_a_gateway_has_a_visible_name() -> None:
    with pytest.raises(InvalidValueError):
        Gateway("a" * 12, "\u200b", Secret(b"", 1), 0)
