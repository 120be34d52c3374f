"""Request ids: made unique, taken from others only where they are harmless."""

from __future__ import annotations

import pytest

from moongate.core.ids import MAX_REQUEST_ID_CHARS, RequestIds, is_request_id


def test_ids_differ_within_and_across_makers() -> None:
    one, other = RequestIds(), RequestIds()
    made = [maker.make() for _ in range(1000) for maker in (one, other)]
    assert len(set(made)) == 2000
    assert all(len(name) == 32 and name.isalnum() and is_request_id(name) for name in made)


@pytest.mark.parametrize(
    "value", [b"a", b"A-Za_z.09", b"urn:uuid:1+2/3=4@5", b"x" * MAX_REQUEST_ID_CHARS], ids=lambda value: value[:20]
)
def test_harmless_ids_are_taken(value: bytes) -> None:
    assert is_request_id(value)


@pytest.mark.parametrize(
    "value",
    [b"", b"x" * (MAX_REQUEST_ID_CHARS + 1), b"a b", b"a\tb", b"a,b", b'"', b"<a>", b"a;b", b"\xe9", b"a\\b", b"{}"],
    ids=lambda value: value[:20],
)
def test_other_ids_are_not(value: bytes) -> None:
    assert not is_request_id(value)
