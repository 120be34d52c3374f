"""Values from outside: put in once, remembered as written, and every wrong way to ask has its hint."""

from __future__ import annotations

import pytest

from moongate.config.interpolation import EMPTY_ENVIRONMENT, Environment, Interpolation


def read_file(source: str, path: str) -> str:
    if path == "token":
        return f"secret beside {source}"
    raise ValueError("no such file")


ENVIRONMENT = Environment({"HOST": "a.internal", "EMPTY": "", "ODD": "${HOST}"}.get, read_file)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("http://${HOST}:80", "http://a.internal:80"),
        ("${HOST}-${HOST}", "a.internal-a.internal"),
        ("${ABSENT:-here}", "here"),
        ("${EMPTY:-here}", "here"),
        ("${ABSENT:-}", ""),
        ("${ABSENT:-a:-b}", "a:-b"),
        ("${EMPTY}", ""),
        ("${ODD}", "${HOST}"),
        ("${file:token}", "secret beside f.yaml"),
        ("$${HOST}", "${HOST}"),
        ("$HOST and $$", "$HOST and $$"),
    ],
)
def test_values_are_put_in(written: str, value: str) -> None:
    interpolation = Interpolation("f.yaml", ENVIRONMENT)
    assert interpolation.apply({"a": ["x", written]}) == {"a": ["x", value]}
    assert interpolation.findings == []
    assert interpolation.written == ({("a", 1): written} if "${" in written else {})


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("${ABSENT}", "${ABSENT} is not set in the environment: set it, or write ${ABSENT:-default}"),
        ("${HOST", "'${HOST' is never closed: write ${NAME}"),
        ("${HOST-x}", "${HOST-x}: write ${NAME}, ${NAME:-default} or ${file:path}; $${ is a plain ${"),
        ("${}", "${}: write ${NAME}, ${NAME:-default} or ${file:path}; $${ is a plain ${"),
        ("${env:HOST}", "${env:HOST}: write ${NAME}, ${NAME:-default} or ${file:path}; $${ is a plain ${"),
        ("${file:absent}", "${file:absent}: no such file"),
    ],
)
def test_wrong_references(written: str, message: str) -> None:
    interpolation = Interpolation("f.yaml", ENVIRONMENT)
    assert interpolation.apply({"a": written}) == {"a": written}
    assert [(each.loc, each.message) for each in interpolation.findings] == [(("a",), message)]


def test_keys_and_things_that_are_no_text_are_left_alone() -> None:
    data = {"${HOST}": None, "b": [1, True]}
    assert Interpolation("f.yaml", ENVIRONMENT).apply(data) == data


def test_an_empty_environment_has_nothing() -> None:
    interpolation = Interpolation("f.yaml", EMPTY_ENVIRONMENT)
    interpolation.apply(["${HOST}", "${file:x}"])
    assert [each.message for each in interpolation.findings] == [
        "${HOST} is not set in the environment: set it, or write ${HOST:-default}",
        "${file:x}: no files are read here",
    ]
