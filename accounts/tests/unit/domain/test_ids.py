"""Identifiers."""

import pytest

from accounts.domain.ids import CLIENT, GRANT, base62, is_id, new_id, random_text


def test_base62_has_the_digits_of_the_key_format() -> None:
    assert [base62(number, 2) for number in (0, 9, 10, 35, 36, 61, 62, 3843)] == [
        "00", "09", "0A", "0Z", "0a", "0z", "10", "zz",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="more digits"):
        base62(3844, 2)


def test_the_order_of_ids_is_the_order_of_time() -> None:
    moments = [0, 1, 61, 62, 10**15, 1_795_000_000_000_000, 1_795_000_000_000_001]
    idents = [new_id(CLIENT, moment) for moment in moments]
    assert sorted(idents) == idents
    assert all(is_id(ident, CLIENT) for ident in idents)


def test_what_is_no_id() -> None:
    ident = new_id(CLIENT, 1)
    for wrong in ("", "cl_", ident + "0", ident[:-1], ident.replace("cl_", "gr_"), ident[:-1] + "-", ident + "\n"):
        assert not is_id(wrong, CLIENT)
    assert not is_id(ident, GRANT)


def test_chance_does_not_repeat() -> None:
    assert len({random_text(32) for _ in range(1000)}) == 1000
