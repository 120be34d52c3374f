"""Names."""

import unicodedata

import pytest

from accounts.domain.errors import InvalidValueError
from accounts.domain.names import check_labels, check_line, check_scopes, check_word, new_name, normal


@pytest.mark.parametrize("name", ["Acme", "Ünïted, Inc.", "a b", "日本", "x" * 200])
def test_names_are_free(name: str) -> None:
    check_line("name", name)


@pytest.mark.parametrize(
    "name", ["", " ", " a", "a\n", "a\tb", "a\x00", "a\x7f", "a\x85b", "a\u202eb", "\u200b", "a\u2028b", "x" * 201]
)
def test_what_cannot_be_seen_is_in_no_name(name: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        check_line("name", name)
    assert caught.value.field == "name"


@pytest.mark.parametrize("name", ["Acme", "Ünïted, Inc.", "a b c", "日本", "é" * 200])
def test_a_new_name_is_one_whichever_keyboard_typed_it(name: str) -> None:
    typed = unicodedata.normalize("NFD", name)
    assert new_name("name", name) == new_name("name", typed) == normal(typed) == name


@pytest.mark.parametrize(
    "name",
    ["", " a", "a ", "a  b", "a\u00a0b", "a\u2003b", "a\u3000b", "\u3000", "a\n", "a\u200bb", "x" * 201, "é" * 201],
)
def test_no_two_names_look_alike(name: str) -> None:
    with pytest.raises(InvalidValueError, match="spaces only between words") as caught:
        new_name("name", name)
    assert caught.value.field == "name"


def test_what_is_no_name_costs_nothing() -> None:
    # Two minutes, were it brought into order.
    marks = "\u0301\u0316" * 250_000
    assert normal(marks) == marks


def test_words_scopes_and_labels() -> None:
    check_word("plan", "standard-1")
    check_scopes("scopes", ("read", "cars:write"))
    check_labels("labels", {"team": "x", "example.org/cost-center": "4 2"})
    for wrong in ("", "Standard", "-a", "a" * 65, "a/b"):
        with pytest.raises(InvalidValueError):
            check_word("plan", wrong)
    for scopes in (("a", "a"), ("a b",), ('a"',), ("",), tuple(f"{n}" for n in range(65))):
        with pytest.raises(InvalidValueError):
            check_scopes("scopes", scopes)
    for labels in ({"": "x"}, {"-": "x"}, {"a" * 64: "x"}, {"a": ""}, {"a": "\n"}, {f"{n}": "x" for n in range(65)}):
        with pytest.raises(InvalidValueError):
            check_labels("labels", labels)
