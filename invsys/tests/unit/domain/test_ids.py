"""Identifiers."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from invsys.domain.ids import is_id, new_id


@given(st.integers(0, 2**47 * 1000))
def test_an_id_is_a_uuid_of_version_7_that_holds_its_time(now: int) -> None:
    ident = new_id(now)
    parsed = uuid.UUID(ident)
    assert is_id(ident)
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
    assert parsed.int >> 80 == now // 1000


@given(st.integers(0, 2**50), st.integers(1, 2**40))
def test_ids_sort_as_they_were_made(now: int, later: int) -> None:
    assert new_id(now) < new_id(now + later)


def test_ids_of_one_instant_differ() -> None:
    assert len({new_id(1) for _ in range(1000)}) == 1000


def test_other_text_is_no_id() -> None:
    for text in ("", "1", new_id(1).upper(), new_id(1) + "\n", new_id(1).replace("-", ""), str(uuid.UUID(int=0))):
        assert not is_id(text)
