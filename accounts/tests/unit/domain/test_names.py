"""Names."""

import pytest

from accounts.domain.errors import InvalidValueError
from accounts.domain.names import check_labels, check_line, check_scopes, check_word


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
