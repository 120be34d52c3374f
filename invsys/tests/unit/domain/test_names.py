"""Names of resources."""

import re
import unicodedata

import pytest

from invsys.domain.names import NAME_PATTERN, normal


@pytest.mark.parametrize("name", ["red", "Škoda 5", "日本 7", "a b c"])
def test_a_name_is_one_whichever_keyboard_typed_it(name: str) -> None:
    assert re.fullmatch(NAME_PATTERN, name)
    assert normal(unicodedata.normalize("NFD", name)) == normal(name) == name


@pytest.mark.parametrize("name", ["", " a", "a ", "a  b", "a\u00a0b", "a\u3000b", "a\tb", "a\n", "a\u200bb", "\u202ea"])
def test_no_two_look_alike(name: str) -> None:
    assert re.fullmatch(NAME_PATTERN, name) is None


def test_what_is_no_name_costs_nothing() -> None:
    # Two minutes, were it brought into order.
    marks = "\u0301\u0316" * 250_000
    assert normal(marks) == marks
