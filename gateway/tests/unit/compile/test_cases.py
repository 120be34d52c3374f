"""Cases against a snapshot: what holds passes, what does not is told with what was found."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from gateway_harness.known_accounts import KnownAccounts
from moongate.compile.cases import Ground, run_cases
from moongate.compile.compiler import JUDGES, compile_config
from moongate.config import parse
from moongate.config.cases import parse_cases
from moongate.filters import Tools
from moongate.stores.key_sets import KeySets

if TYPE_CHECKING:
    from moongate.compile.offline import Decision

SNAPSHOT = compile_config(
    parse(
        """
version: 1
services: {cars: {targets: [http://a]}}
routes:
  - {name: car, match: {path: "/cars/{id}", methods: [GET]}, service: cars}
  - {name: beta, match: {path: "/cars/{id}", headers: {X-Beta: }, methods: [PUT]}, service: cars, max_body: 5B}
""",
        "f.yaml",
        JUDGES,
    ),
    1,
)


def write(decision: Decision) -> bytes:
    assert decision.head is not None
    lines = decision.head.section.lines + b"Host: a\r\nX-Twice: 1\r\nX-Key: hunter2\r\nx-twice: 2\r\n"
    return decision.head.method + b" " + decision.head.path + b"?x HTTP/1.1\r\n" + lines + b"\r\n"


GROUND = Ground(SNAPSHOT, Tools(), write)


def problems_of(case: str) -> list[str]:
    cases = parse_cases(f"cases:\n- {{{case}}}\n", "f")
    return [problem.message for result in run_cases(cases, GROUND) for problem in result.problems]


@pytest.mark.parametrize(
    "case",
    [
        "request: GET /cars/7, expect: {route: car, service: cars, parameters: {id: 7}}",
        "request: GET /x/../cars//7?q, expect: {path: /cars/7}",
        "request: PUT /cars/7, headers: {X-Beta: yes}, expect: {route: beta}",
        "request: 'PUT /cars/7', headers: {X-Beta: yes, Content-Length: 6}, expect: {route: beta, status: 413}",
        "request: POST /cars/7, expect: {status: 405, code: method_not_allowed, allow: [HEAD, GET]}",
        "request: GET /, expect: {code: route_not_found}",
        "request: GET /cars/7, expect: {upstream: {request: GET /cars/7?x, headers: {x-twice: '1, 2', X-No: }}}",
        "request: GET /%00, expect: {status: 400}",
    ],
)
def test_what_holds(case: str) -> None:
    assert problems_of(case) == []


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        (
            "request: GET /cars/7, expect: {route: beta}",
            "expected route 'beta', but it ends in route car, service cars",
        ),
        ("request: GET /, expect: {route: car}", "expected route 'car', but it ends in 404 route_not_found"),
        ("request: GET /, expect: {service: cars}", "expected service 'cars', but it ends in 404 route_not_found"),
        ("request: GET /cars/7, expect: {status: 404}", "expected status 404, but it ends in route car, service cars"),
        (
            "request: GET /cars/7, expect: {parameters: {id: 8}}",
            "expected parameters {'id': '8'}, but it ends in route car, service cars, parameters {'id': '7'}",
        ),
        (
            "request: POST /cars/7, expect: {status: 405, allow: [GET]}",
            "expected allow ['GET'], but it ends in 405 method_not_allowed, allow ['GET', 'HEAD']",
        ),
        (
            "request: GET /cars/7, expect: {upstream: {request: GET /cars/7}}",
            "expected upstream request 'GET /cars/7', but it is 'GET /cars/7?x'",
        ),
        (
            "request: GET /cars/7, headers: {X-A: b}, expect: {upstream: {headers: {x-a: c}}}",
            "expected upstream header x-a to be 'c', but it is 'b'",
        ),
        (
            "request: GET /cars/7, expect: {upstream: {headers: {Host: }}}",
            "expected upstream header Host to be none, but it is 'a'",
        ),
        (
            "request: GET /cars/7, expect: {upstream: {headers: {X-Key: 1}}}",
            "expected upstream header X-Key to be '1', but it is another, which a filter put there and is not shown",
        ),
        (
            "request: GET /cars/7, expect: {upstream: {headers: {X-No: 1}}}",
            "expected upstream header X-No to be '1', but there is none",
        ),
        ("request: GET /, expect: {upstream: {}}", "expected to be forwarded, but it ends in 404 route_not_found"),
        ("request: GET /%00, expect: {path: /}", "expected path '/', but it ends in 400 bad_request"),
    ],
)
def test_what_does_not_hold(case: str, problem: str) -> None:
    request = case.split(",")[0].removeprefix("request: ")
    assert problems_of(case) == [f"{request}: {problem}"]


def test_a_case_that_is_no_request() -> None:
    assert problems_of('name: odd, request: "GET /a\\nb", expect: {status: 400}') == [
        "odd: a request line or header holds no line break"
    ]


ACCESS = compile_config(
    parse(
        """
version: 1
accounts: {url: http://a, token: mgw_tttttttttttttttttttttttttttttttt, replica: r}
services: {cars: {targets: [http://a]}}
routes:
  - {name: things, match: {path: "/things/{id}"}, service: cars, resource: "things/{id}",
     filters: [authenticate, {authorize: {scopes: [things]}}]}
  - {name: open, match: {path: /open}, service: cars, filters: [{authenticate: {anonymous: allow}}]}
  - {name: asks, match: {path: "/asks/{id}"}, service: cars, resource: "asks/{id}",
     filters: [authenticate, {forward_auth: {service: cars, path: /may}}, authorize]}
""",
        "f.yaml",
        JUDGES,
    ),
    1,
)
CLIENTS = """
clients:
  acme:
    scopes: [things]
    grants:
    - {resource: things/*, actions: [read], query: {label: acme}}
    - {resource: things/7, actions: [read, update]}
    - {resource: things/8, actions: ["*"], effect: deny}
  poor: {grants: [{resource: "**", actions: ["*"]}, &reads {resource: "**", actions: [read]}]}
"""


DECIDES = "its grant 'allow read, update on things/7' decides"


def access_problems_of(case: str) -> list[str]:
    def upstream(decision: Decision) -> bytes:
        assert decision.passage is not None
        exchange, edits = decision.passage.exchange, decision.passage.exchange.edits
        head = decision.head
        assert head is not None
        query = head.query if exchange.query is None else exchange.query
        return head.method + b" " + head.path + query + b" HTTP/1.1\r\n" + (edits.lines if edits else b"")

    cases = parse_cases(f"{CLIENTS}cases:\n- {{{case}}}\n", "f")
    ground = Ground(ACCESS, Tools(KnownAccounts(), KeySets()), upstream)
    return [problem.message for result in run_cases(cases, ground) for problem in result.problems]


@pytest.mark.parametrize(
    "case",
    [
        "request: GET /things/7, client: acme, expect: {route: things, upstream: {request: GET /things/7}}",
        "request: GET /things/9?x, client: acme, expect: {upstream: {request: GET /things/9?x&label=acme}}",
        "request: GET /things/9, client: acme, expect: {upstream: {headers: {X-Client-Id: acme}}}",
        "request: GET /things/8, client: acme, expect: {status: 403, code: forbidden}",
        "request: DELETE /things/7, client: acme, expect: {status: 403}",
        "request: GET /things/7, client: poor, expect: {status: 403}",
        "request: GET /things/7, client: poor, scopes: [things], expect: {route: things}",
        "request: GET /things/7, client: acme, grants: [], expect: {status: 403}",
        "request: GET /things/7, client: who, scopes: [things], grants: [*reads], expect: {route: things}",
        "request: GET /things/7, client: , expect: {status: 401, code: credentials_missing}",
        "request: GET /things/7, expect: {route: things}",
        "request: GET /open, client: , expect: {route: open}",
        "request: GET /asks/7, expect: {route: asks}",
    ],
)
def test_who_may(case: str) -> None:
    assert access_problems_of(case) == []


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        (
            "request: DELETE /things/7, client: acme, expect: {route: things}",
            "expected route 'things', but it ends in 403 forbidden (client acme has no grant for delete on things/7)",
        ),
        (
            "request: GET /things/7, client: acme, expect: {status: 403}",
            f"expected status 403, but it ends in route things, service cars ({DECIDES} over read on things/7)",
        ),
        (
            "request: GET /things/7, expect: {status: 401}",
            (
                "expected status 401, but it ends in route things, service cars; "
                "its filters are run where the case names a `client`, be it an empty one"
            ),
        ),
        (
            "request: GET /things/7, client: , expect: {route: things}",
            "expected route 'things', but it ends in 401 credentials_missing",
        ),
        (
            "request: GET /asks/7, client: acme, expect: {route: asks}",
            "who may make it is not decided here: forward_auth has to ask somebody first, which is not done here",
        ),
    ],
)
def test_who_may_not(case: str, problem: str) -> None:
    request = case.split(",")[0].removeprefix("request: ")
    assert access_problems_of(case) == [f"{request}: {problem}"]


def test_a_thousand_cases_take_less_than_five_seconds() -> None:
    expected = ("status: 403" if n == 8 else "route: things" for n in range(1000))
    lines = (f"- {{request: GET /things/{n}, client: acme, expect: {{{each}}}}}\n" for n, each in enumerate(expected))
    text = CLIENTS + "cases:\n" + "".join(lines)
    cases = parse_cases(text, "f")
    started = time.process_time()
    ground = Ground(ACCESS, Tools(KnownAccounts(), KeySets()), write)
    assert not any(result.problems for result in run_cases(cases, ground))
    assert time.process_time() - started < 5
