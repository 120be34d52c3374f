"""Configs that Python files write: found, run anew each time, and every way to fail is one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from moongate.cli.files import ConfigFiles, load
from moongate.cli.main import main
from moongate.config import ConfigInvalid

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
from moongate.config import Gateway
from tenants import TENANTS

gateway = Gateway()
app = gateway.service("app", "${TARGET}")
for tenant in TENANTS:
    gateway.route(tenant, app, host=f"{tenant}.example")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TARGET", "http://127.0.0.1:8000")
    return tmp_path


def test_every_command_takes_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "tenants.py").write_text("TENANTS = ['acme', 'globex']\n")
    (folder / "shop.py").write_text(GOOD)
    assert main(["check", "shop.py"]) == 0
    assert main(["routes", "shop.py"]) == 0
    assert "shop.py:7" in capsys.readouterr().out
    assert main(["explain", "--config", "shop.py", "GET", "http://acme.example/x"]) == 0
    assert "takes route acme" in capsys.readouterr().out
    assert main(["diff", "shop.py", "shop.py"]) == 0
    (folder / "shop_test.yaml").write_text(
        "config: shop.py\ncases: [{request: GET http://globex.example/, expect: {route: globex}}]\n"
    )
    assert main(["test"]) == 0


def test_it_is_run_anew_each_time(folder: Path) -> None:
    path = folder / "a.py"
    text = "from moongate.config import Gateway\ng = Gateway()\ng.route('r', g.service('{}', 'http://a'))\n"
    for name in ("one", "two"):
        path.write_text(text.format(name))
        assert list(load("a.py").snapshot.services) == [name]
    files = ConfigFiles()
    files.read("a.py")
    assert set(files.stamps) == {"a.py"}, "a change is noticed"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "a.py: makes no Gateway: `from moongate.config import Gateway`, then `gateway = Gateway()`"),
        ("x = (", "a.py:1:5: not Python: '(' was never closed"),
        ("x = 1\0", "a.py: not Python: source code string cannot contain null bytes"),
        ("x = " + "-" * 100_000 + "1", "a.py: not Python: nested too deeply"),
        ("import nosuch", "a.py:1:1: ModuleNotFoundError: No module named 'nosuch'"),
        ("import broken", "broken.py:1:5: not Python: '(' was never closed"),
        ("x = 1\nraise ValueError('no\\nway')", "a.py:2:1: ValueError: no"),
        ("raise ValueError", "a.py:1:1: ValueError"),
        ("def f(): f()\nf()", "a.py:1:10: RecursionError: maximum recursion depth exceeded"),
        ("class Own(Exception):\n    def __str__(self): 1 / 0\nraise Own", "a.py:3:1: Own"),
        ("import sys; sys.path.pop(0); sys.exit(3)", "a.py:1:30: SystemExit: 3"),
        ("import sys; sys.exit(3)", "a.py:1:13: SystemExit: 3"),
        (
            "from moongate.config import Gateway\nGateway(routes=[])",
            "a.py:2:1: TypeError: routes are added by gateway.route(...), one at a time",
        ),
        (
            "from moongate.config import Gateway\na = Gateway()\nb = Gateway()",
            "a.py: makes several: call the one that counts `gateway` (a, b)",
        ),
        ("from moongate.config import Gateway\na = Gateway()", "a.py:2:5: `routes` is empty: at least one is needed"),
    ],
)
def test_what_is_wrong_with_one_is_one_line(folder: Path, text: str, problem: str) -> None:
    (folder / "a.py").write_text(text)
    (folder / "broken.py").write_text("x = (")
    with pytest.raises(ConfigInvalid) as raised:
        load("a.py")
    assert str(raised.value.problems[0]) == problem
    assert len(raised.value.problems) <= 2


def test_what_it_prints_is_no_result(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.py").write_text(f"print('seen')\n{GOOD}".replace("from tenants import TENANTS", "TENANTS = ['a']"))
    assert main(["check", "--json", "a.py"]) == 0
    said = capsys.readouterr()
    assert (json.loads(said.out), said.err) == ({"problems": []}, "seen\n")


def test_one_that_is_no_config_by_its_size(folder: Path) -> None:
    (folder / "a.py").write_bytes(b"#" * (17 << 20))
    with pytest.raises(ConfigInvalid, match=r"a\.py: larger than 16 MiB, which no config is"):
        load("a.py")


def test_who_names_an_attribute_is_told_what_to_name(folder: Path) -> None:
    for wrong in ("shop.front:gateway", "shop/front.py:gateway"):
        with pytest.raises(ConfigInvalid, match=r"a config in Python is named by its file, shop/front\.py"):
            load(wrong)
