"""The page of one client."""

from dataclasses import replace

from accounts.domain.credentials import Secret
from accounts.domain.key import ApiKey
from accounts.web.pages.one_client import path_of, state_of


def test_a_key_is_in_one_state() -> None:
    key = ApiKey("a", "c", "n", "live", Secret(b"", 1), (), 0, "me")
    assert state_of(key, 0) == "live"
    assert state_of(replace(key, replaced_by="b", expires_at=9), 0) == "ending"
    assert state_of(replace(key, expires_at=9), 9_000_000) == "expired"
    assert state_of(replace(key, revoked_at=1), 0) == "revoked"


def test_its_parts_have_addresses() -> None:
    assert (path_of("cl_x"), path_of("cl_x", "keys")) == ("/clients/cl_x", "/clients/cl_x#keys")
