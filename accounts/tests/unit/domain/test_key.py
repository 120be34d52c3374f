"""Keys."""

from dataclasses import replace

from accounts.domain.credentials import Secret
from accounts.domain.key import ApiKey

KEY = ApiKey("a" * 12, "cl", "name", "live", Secret(b"", 1), (), created_at=0, created_by="")


def test_a_key_lives_until_it_ends() -> None:
    assert KEY.is_live(10**18)
    until = replace(KEY, expires_at=10)
    assert (until.is_live(9_999_999), until.is_live(10_000_000)) == (True, False)
    assert not replace(KEY, revoked_at=5).is_live(0)
