"""Places count from 1, in characters."""

from __future__ import annotations

import pytest

from moongate.config.text import TextError, place_at


@pytest.mark.parametrize(
    ("text", "offset", "place"),
    [("", 0, (1, 1)), ("é b", 2, (1, 3)), ("a\nb", 1, (1, 2)), ("a\nb", 2, (2, 1)), ("a\n", 2, (2, 1))],
)
def test_place_at(text: str, offset: int, place: tuple[int, int]) -> None:
    assert place_at(text, offset) == place


def test_an_error_carries_its_place() -> None:
    error = TextError((2, 3), "wrong")
    assert (error.place, str(error)) == ((2, 3), "wrong")
