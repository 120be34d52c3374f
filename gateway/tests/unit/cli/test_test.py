"""`moongate test`: what passed, what failed and where, and which routes no case reached."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from moongate.cli.main import main

if TYPE_CHECKING:
    import pytest

CASES = """\
cases:
  - request: GET /api/cars/7
    expect: {route: car, parameters: {kind: cars, id: 7}}
  - name: beta clients
    request: POST /api/cars/7
    headers: {X-Beta: yes}
    expect: {route: beta}
  - request: GET http://shop.example/
    expect: {route: site}
"""


def test_a_report(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("gateway_test.yaml").write_text(CASES)
    assert main(["test"]) == 1
    captured = capsys.readouterr()
    assert captured.out == "2 cases passed, 1 failed\ngateway.yaml: no case reaches site\n"
    assert captured.err == (
        "gateway_test.yaml:9:21: GET http://shop.example/: "
        "expected route 'site', but it ends in route shop, service web\n"
        "    expect: {route: site}\n"
        "                    ^\n"
        "1 problem\n"
    )


def test_all_pass_and_all_routes_are_reached(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("gateway_test.yaml").write_text(CASES.replace("shop.example", "other.example"))
    Path("shop_test.yaml").write_text("cases: [{request: GET http://shop.example/, expect: {route: shop}}]")
    assert main(["test", "gateway_test.yaml", "shop_test.yaml"]) == 0
    assert capsys.readouterr().out == "4 cases passed, 0 failed\n"


def test_json(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("gateway_test.yaml").write_text(CASES)
    assert main(["test", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert [(case["name"], case["route"], len(case["problems"])) for case in report["cases"]] == [
        ("GET /api/cars/7", "car", 0),
        ("beta clients", "beta", 0),
        ("GET http://shop.example/", "shop", 1),
    ]
    assert report["unreached"] == {"gateway.yaml": ["site"]}


def test_a_wrong_file_does_not_hide_the_others(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a_test.yaml").write_text("cases: [{request: GET /, expect: {route: site}}]")
    Path("b_test.yaml").write_text("cases: []")
    assert main(["test"]) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("1 case passed, 0 failed\n")
    assert "b_test.yaml:1:8: `cases` is empty" in captured.err


def test_no_cases_are_a_problem(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test"]) == 1
    assert capsys.readouterr().err == "moongate test: no file *_test.yaml here\n"


def test_the_request_as_the_service_would_get_it(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    upstream = "{request: GET /api/cars/7?x, headers: {Host: any.test, X-Forwarded-For: 192.0.2.1, X_A: , X-A: 2}}"
    Path("gateway_test.yaml").write_text(
        "cases:\n- request: GET http://any.test/api/./cars//7?x\n"
        f"  headers: {{X_A: 1, X-A: 1}}\n  expect: {{upstream: {upstream}}}\n"
    )
    assert main(["test"]) == 1
    assert "expected upstream header X-A to be '2', but it is '1'" in capsys.readouterr().err
    Path("gateway_test.yaml").write_text(Path("gateway_test.yaml").read_text().replace("X-A: 2", "X-A: 1"))
    assert main(["test"]) == 0
