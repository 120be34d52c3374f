"""YAML as data with places: nothing is guessed, nothing is unbounded; PyYAML agrees on what is plain."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from moongate.config.text import TextError
from moongate.config.yaml_text import MAX_DEPTH, YamlReader


def read(text: str) -> Any:
    reader = YamlReader(text)
    assert reader.flaws == []
    return reader.data


def test_scalars_stay_as_written() -> None:
    assert read("a: no\nb: 1.10\nc: 0x1F\nd: 1:30\ne: 2026-11-23\nf: 'true'") == {
        "a": "no",
        "b": "1.10",
        "c": "0x1F",
        "d": "1:30",
        "e": "2026-11-23",
        "f": "true",
    }


def test_only_what_is_written_as_nothing_is_nothing() -> None:
    assert read("[~, null, , '', 'null', Null]".replace(", ,", ", ~,")) == [None, None, None, "", "null", None]
    assert read("a:") == {"a": None}
    assert read("") is None
    assert read("# only a comment") is None


def test_anchors_are_shared_not_copied() -> None:
    data = read("a: &x [1]\nb: *x\nc: &y word\nd: *y")
    assert data["b"] is data["a"]
    assert data["d"] == "word"


def test_merge_keys_yield_to_what_is_written() -> None:
    data = read("a: &x {p: 1, q: 1}\nb: &y {q: 2, r: 2}\nc: {<<: [*x, *y], q: 3}\nd: {q: 4, <<: *x}\ne: {'<<': 5}")
    assert data["c"] == {"p": "1", "q": "3", "r": "2"}
    assert data["d"] == {"p": "1", "q": "4"}
    assert data["e"] == {"<<": "5"}


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("a: 1\na: 2", ((2, 1), "`a` stands twice here, first in line 1")),
        ("a: *x", ((1, 4), "alias *x: no anchor &x stands before it")),
        ("&x [*x]", ((1, 5), "alias *x stands inside the value it stands for")),
        ("a: !!int 3", ((1, 4), "tags such as !!int mean nothing here: leave it out")),
        ("a: !env X", ((1, 4), "tags such as !env mean nothing here: leave it out")),
        ("<<: [1]", ((1, 5), "<< takes an alias of a mapping, as in `<<: *common`")),
        ("{[a]: 1}", ((1, 2), "a key is a word: quote it if it holds { } [ ] or *")),
    ],
)
def test_flaws_do_not_stop_the_reading(text: str, flaw: tuple[tuple[int, int], str]) -> None:
    assert YamlReader(text).flaws == [flaw]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (
            "a: [b",
            (2, 1),
            "not YAML: did not find expected ',' or ']' (while parsing a flow sequence, begun in line 1)",
        ),
        ("a:\n\t- 1", (2, 1), "a tab: YAML indents with spaces"),
        ("é: \x02", (1, 4), "not YAML: the character U+0002 is not allowed in it"),
        ("a: 1\n---\nb: 2", (2, 1), "a second document starts here: one file holds one config"),
        ("[" * (MAX_DEPTH + 1), (1, MAX_DEPTH + 1), f"nested deeper than {MAX_DEPTH} levels"),
    ],
)
def test_what_stops_the_reading_says_where(text: str, place: tuple[int, int], message: str) -> None:
    with pytest.raises(TextError) as raised:
        YamlReader(text)
    assert (raised.value.place, str(raised.value)) == (place, message)


def test_a_billion_laughs_are_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    started = time.process_time()
    with pytest.raises(TextError, match="more than 1,000,000 values"):
        YamlReader("\n".join(lines))
    assert time.process_time() - started < 1


def test_deep_nesting_is_refused_before_the_stack_is() -> None:
    with pytest.raises(TextError, match="nested deeper"):
        YamlReader("\n".join("  " * level + "a:" for level in range(5000)))


def test_places_of_keys_items_and_values() -> None:
    places = YamlReader("a: 1\nlist:\n  - x\n  - {k: v}\n", with_places=True).places
    assert places == {
        ("a",): ((1, 1), (1, 4)),
        ("list",): ((2, 1), (3, 3)),
        ("list", 0): ((3, 5), (3, 5)),
        ("list", 1): ((4, 5), (4, 5)),
        ("list", 1, "k"): ((4, 6), (4, 9)),
    }


PLAIN = st.recursive(
    st.text(alphabet="abcxyz _-", min_size=1, max_size=8).map(str.strip).filter(bool),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet="kmn", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200)
@given(PLAIN, st.booleans())
def test_plain_data_reads_as_pyyaml_reads_it(data: Any, flow: bool) -> None:
    text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True)
    assert read(text) == data


@settings(max_examples=300)
@given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@,?~<\n \t", max_size=60))
def test_garbage_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        YamlReader(text, with_places=True)
    except TextError as error:
        line, col = error.place
        assert 1 <= line <= text.count("\n") + 2
        assert col >= 1
