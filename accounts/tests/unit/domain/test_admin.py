"""Admins."""

import pytest

from accounts.domain.admin import AdminToken, check_password
from accounts.domain.credentials import Secret
from accounts.domain.errors import InvalidValueError


def test_passwords_are_sentences() -> None:
    check_password("a sentence is easier")
    for wrong in ("", "short", "x" * 257):
        with pytest.raises(InvalidValueError):
            check_password(wrong)


def test_a_token_ends() -> None:
    token = AdminToken("a" * 12, "ad", "name", Secret(b"", 1), 0, expires_at=10)
    assert (token.is_live(9_999_999), token.is_live(10_000_000)) == (True, False)
