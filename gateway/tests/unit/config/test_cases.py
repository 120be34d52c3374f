"""Files of cases: what is wrong with one is told as with a config."""

from __future__ import annotations

import pytest

from moongate.config import ConfigInvalid
from moongate.config.cases import parse_cases

WRONG_GRANTS = """\
cases: [{request: GET /a, expect: {route: r}}]
clients: {acme: {grants: [{resource: a/**/b, actions: []}, {resource: a*, actions: [read], effect: no}]}}
"""
WRONG_CLIENTS = """\
clients: {acme: {}}
cases:
- {request: GET /a, client: acem, expect: {route: r}}
- {request: GET /a, client: other, expect: {route: r}}
- {request: GET /a, client: other, grants: [], expect: {route: r}}
- {request: GET /a, scopes: [read], expect: {route: r}}
"""


def test_a_file_of_cases() -> None:
    cases = parse_cases("config: a.yaml\ncases: [{request: GET /a, expect: {route: r}}]", "a_test.yaml")
    assert cases.config.config == "a.yaml"
    assert cases.config.cases[0].expect.route == "r"
    assert str(cases.problem(("cases", 0, "expect", "route"), "no")) == "a_test.yaml:2:43: no"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["1:1: a file of cases is a mapping with `cases`"]),
        ("[]", ["1:1: a file of cases is a mapping with `cases`"]),
        ("cases: []", ["1:8: `cases` is empty: at least one is needed"]),
        ("case: []", ["1:1: `cases` is missing", "1:1: unknown key `case`, did you mean `cases`?"]),
        (
            "cases:\n- {request: /a, expect: {}}\n- {reqest: GET /a, expect: {rout: r, status: ok}}",
            [
                "2:13: '/a' is no request: write METHOD URL, as in GET /cars/7 or GET http://host/cars/7",
                "2:25: nothing is expected: name a `route`, a `service`, a `status` or a `code`",
                "3:3: `request` is missing",
                "3:4: unknown key `reqest`, did you mean `request`?",
                "3:29: unknown key `rout`, did you mean `route`?",
                "3:46: `status` must be a whole number, not 'ok'",
            ],
        ),
        (
            WRONG_GRANTS,
            [
                "2:38: 'a/**/b': ** stands only at the end",
                "2:55: `actions` is empty: at least one is needed",
                "2:71: 'a*': a * stands for a whole segment",
                "2:100: `effect` must be 'allow' or 'deny', not 'no'",
            ],
        ),
        (
            WRONG_CLIENTS,
            [
                "3:29: no client is called 'acem'; did you mean 'acme'?",
                "4:29: no client is called 'other'; list it under `clients`, or give it `grants` here",
                "6:29: `scopes` are a client's: name it with `client`",
            ],
        ),
        (
            "cases: [{request: GET /a, expect: {route: r}, expect: {route: s}}]",
            ["1:47: `expect` stands twice here, first in line 1"],
        ),
    ],
)
def test_wrong_cases(text: str, problems: list[str]) -> None:
    with pytest.raises(ConfigInvalid) as raised:
        parse_cases(text, "f")
    assert [str(problem) for problem in raised.value.problems] == [f"f:{problem}" for problem in problems]
