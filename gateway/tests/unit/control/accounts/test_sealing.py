"""A copied file gives nothing away, and nothing in it can be moved."""

from __future__ import annotations

import pytest

from moongate.control.accounts.sealing import Seal, Unsealable, derived

SECRET = b"0123456789abcdef0123456789abcdef"


def test_what_was_sealed_opens_in_its_place_alone() -> None:
    seal = Seal(derived("token", b"salt", "seal"))
    sealed = seal.close(SECRET, "pepper 1")
    assert SECRET not in sealed
    assert seal.open(sealed, "pepper 1") == SECRET
    assert seal.close(SECRET, "pepper 1") != sealed
    for broken in (b"", sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(Unsealable):
            seal.open(broken, "pepper 1")
    with pytest.raises(Unsealable):
        seal.open(sealed, "pepper 2")


@pytest.mark.parametrize("other", [("other", b"salt", "seal"), ("token", b"pepper", "seal"), ("token", b"salt", "x")])
def test_each_token_salt_and_purpose_has_a_key_of_its_own(other: tuple[str, bytes, str]) -> None:
    sealed = Seal(derived("token", b"salt", "seal")).close(SECRET, "p")
    with pytest.raises(Unsealable):
        Seal(derived(*other)).open(sealed, "p")
