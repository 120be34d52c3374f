import json
import pickle
from pathlib import Path

import pytest

from moongate.core.exchange import Exchange
from moongate.filters import Response, Tools
from moongate.filters.python import PythonPlan, load

MODULE = """
from moongate.filters import Response

def teapot(exchange):
    return Response(418, exchange.id)

def after(limit):
    if limit > 9:
        raise KeyError("too high")
    if limit < 0:
        raise SystemExit("too low")
    return lambda exchange: None if limit else teapot(exchange)

word = "no function"
"""


@pytest.fixture
def beside(tmp_path: Path) -> str:
    (tmp_path / "moongate_user_steps.py").write_text(MODULE)
    (tmp_path / "moongate_broken_steps.py").write_text("import moongate_absent_dependency")
    (tmp_path / "moongate_failing_steps.py").write_text("1 / 0")
    (tmp_path / "moongate_leaving_steps.py").write_text("import sys; sys.exit('set APP_KEY')")
    return str(tmp_path)


def exchange() -> Exchange:
    return Exchange(b"id-1", 1, None, "192.0.2.7", 0.0)


def test_a_function_beside_the_config_is_the_filter(beside: str) -> None:
    plan = pickle.loads(pickle.dumps(PythonPlan("moongate_user_steps:teapot", beside)))
    assert plan.bind(Tools())(exchange()) == Response(418, b"id-1")
    assert plan.describe() == {"filter": "moongate_user_steps:teapot"}


def test_settings_make_the_filter(beside: str) -> None:
    def plan(limit: int) -> PythonPlan:
        settings = json.dumps({"limit": limit})
        return PythonPlan("moongate_user_steps:after", beside, settings, settings)

    assert plan(1).bind(Tools())(exchange()) is None
    assert plan(0).bind(Tools())(exchange()) == Response(418, b"id-1")
    assert plan(1).describe() == {"filter": "moongate_user_steps:after", "with": {"limit": 1}}
    with pytest.raises(ValueError, match="refused its settings: KeyError: 'too high'"):
        plan(10).bind(Tools())
    with pytest.raises(ValueError, match="refused its settings: SystemExit: too low"):
        plan(-1).bind(Tools())


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("moongate_nowhere:f", "there is no module 'moongate_nowhere': it must be installed beside moongate"),
        ("moongate_broken_steps:f", "moongate_broken_steps can not be imported: No module named"),
        ("moongate_failing_steps:f", "moongate_failing_steps can not be imported: ZeroDivisionError: division by zero"),
        ("moongate_leaving_steps:f", "moongate_leaving_steps can not be imported: SystemExit: set APP_KEY"),
        ("moongate_user_steps:f", "moongate_user_steps has nothing called 'f'"),
    ],
)
def test_what_can_not_be_had_is_said(beside: str, place: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        load(place, beside)


def test_what_is_no_function_is_no_filter(beside: str) -> None:
    with pytest.raises(ValueError, match="moongate_user_steps:word is no function"):
        PythonPlan("moongate_user_steps:word", beside).bind(Tools())
