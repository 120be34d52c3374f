from pathlib import Path

import pytest

from moongate.compile import RoutePlan
from moongate.compile.compiler import JUDGES, compile_config
from moongate.compile.dump import dump_route
from moongate.config import EMPTY_ENVIRONMENT, ConfigInvalid, Environment, parse
from moongate.filters.fields import FieldsPlan
from moongate.filters.python import PythonPlan

TAG = FieldsPlan("request_headers", ((b"X-Tag", b"1"),))
HEAD = """
version: 1
services: {api: {targets: [http://a]}}
filters: {tag: {request_headers: {set: {X-Tag: '1'}}}}
"""


def routes(text: str, source: str = "gateway.yaml", **environment: str) -> tuple[RoutePlan, ...]:
    return compile_config(
        parse(HEAD + text, source, JUDGES, Environment(environment.get, EMPTY_ENVIRONMENT.file)), 1
    ).routes


def test_a_route_has_its_own_filters_or_those_of_the_defaults_or_none() -> None:
    own, default, none = routes(
        "defaults: {filters: [tag]}\nroutes:\n"
        "  - {name: a, match: {path: /a}, service: api, filters: [{response_headers: {remove: Server}}, tag]}\n"
        "  - {name: b, match: {path: /b}, service: api}\n"
        "  - {name: c, match: {path: /c}, service: api, filters: []}\n"
    )
    assert own.filters == (FieldsPlan("response_headers", remove=(b"server",)), TAG)
    assert default.filters == (TAG,)
    assert none.filters == ()
    assert dump_route(own)["filters"] == [
        {"response_headers": {"remove": ["server"]}},
        {"request_headers": {"set": {"X-Tag": "1"}}},
    ]


def test_what_was_put_in_from_outside_is_never_shown() -> None:
    (route,) = routes(
        "routes:\n  - {name: a, match: {}, service: api, filters: [{request_headers: {set: {X-Key: '${KEY}'}}}]}\n",
        KEY="s3cret",
    )
    (plan,) = route.filters
    assert isinstance(plan, FieldsPlan)
    assert plan.set == ((b"X-Key", b"s3cret"),)
    assert "s3cret" not in str(dump_route(route))


def test_a_module_beside_the_config_is_found(tmp_path: Path) -> None:
    (tmp_path / "moongate_beside.py").write_text("def make(limit, names, deep): return lambda exchange: None\n")
    text = "{python: {filter: 'moongate_beside:make', with: {limit: 5, names: [a, '1x'], deep: {on: true}}}}"
    (route,) = routes(
        f"routes:\n  - {{name: a, match: {{}}, service: api, filters: [{text}]}}\n", str(tmp_path / "gateway.yaml")
    )
    (plan,) = route.filters
    assert isinstance(plan, PythonPlan)
    assert plan.describe()["with"] == {"limit": 5, "names": ["a", "1x"], "deep": {"on": True}}


def test_a_function_that_is_not_there_is_a_problem_with_its_place() -> None:
    with pytest.raises(ConfigInvalid) as raised:
        routes("routes:\n  - {name: a, match: {}, service: api, filters: [{python: 'moongate_nowhere:f'}]}\n")
    (problem,) = raised.value.problems
    assert (problem.line, problem.col) == (6, 59)
    assert problem.message.startswith("there is no module 'moongate_nowhere'")
