"""`moongate routes`: match order, as a table and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from moongate.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_table(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["routes"]) == 0
    assert capsys.readouterr().out == (
        "ROUTE  HOSTS         METHODS  PATH                        WHEN           SERVICE  AT\n"
        "shop   shop.example  *        /**                         -              web      gateway.yaml:9\n"
        "beta   *             *        /api/{kind:cars|vans}/{id}  header x-beta  cars     gateway.yaml:8\n"
        "car    *             GET      /api/{kind:cars|vans}/{id}  -              cars     gateway.yaml:7\n"
        "site   *             *        /**                         -              web      gateway.yaml:6\n"
    )


def test_json(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["routes", str(config), "--json"]) == 0
    routes = json.loads(capsys.readouterr().out)
    assert [route["name"] for route in routes] == ["shop", "beta", "car", "site"]
    assert routes[2] == {
        "name": "car",
        "hosts": [],
        "path": "/api/{kind:cars|vans}/{id}",
        "methods": ["GET"],
        "headers": {},
        "query": {},
        "service": "cars",
        "max_body": 10 * 1024**2,
        "upgrade": [],
        "priority": "normal",
        "at": f"{config}:7",
    }
