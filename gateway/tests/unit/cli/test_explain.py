"""`moongate explain`: what a person reads, and what a program gets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from moongate.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


def test_a_winner_and_why_the_others_lost(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "GET", "/api/vans/../cars/7?x=1"]) == 0
    assert capsys.readouterr().out == (
        "GET /api/vans/../cars/7?x=1\n"
        "  host localhost, path /api/cars/7\n"
        "  takes route car to service cars\n"
        "    {kind} is cars\n"
        "    {id} is 7\n"
        "    target http://127.0.0.1:8101\n"
        "    target http://127.0.0.1:8102\n"
        "\n"
        "ROUTE  PATH                              WHY\n"
        "beta   /api/{kind:cars|vans}/{id}  lost  header x-beta does not hold\n"
        "car    /api/{kind:cars|vans}/{id}  won   the most specific that accepts the request\n"
        "site   /**                         lost  less specific than the winner\n"
        "1 other route of other hosts or paths; --all shows them\n"
    )


def test_headers_and_hosts_count(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["explain", "POST", "/api/cars/7", "-H", "X-Beta: yes", "--json"])
    assert json.loads(capsys.readouterr().out)["route"] == "beta"
    main(["explain", "POST", "http://shop.example/api/cars/7", "--json"])
    assert json.loads(capsys.readouterr().out)["route"] == "shop"


def test_json(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(config.read_text().replace('path: "/**"', "path: /home"))
    assert main(["explain", "DELETE", "/api/cars/7", "--json"]) == 0
    explained = json.loads(capsys.readouterr().out)
    assert next(each for each in explained["considered"] if each["route"] == "beta") == {
        "route": "beta",
        "path": "/api/{kind:cars|vans}/{id}",
        "won": False,
        "lost_by": "header",
        "reason": "header x-beta does not hold",
    }
    assert {key: explained[key] for key in ("route", "status", "code", "allowed")} == {
        "route": None,
        "status": 405,
        "code": "method_not_allowed",
        "allowed": ["GET", "HEAD"],
    }


def test_a_request_that_is_refused_before_it_is_routed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "GET", "/api/%2f"]) == 0
    assert capsys.readouterr().out == "GET /api/%2f\n  is answered 400 bad_request (bad_path)\n"


def test_all_shows_other_hosts_and_paths(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["explain", "GET", "/", "--all"])
    out = capsys.readouterr().out
    assert "host localhost is not shop.example" in out
    assert "path /api/{kind:cars|vans}/{id} does not match" in out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["GET", "/", "-H", "X-Beta"], "moongate explain: 'X-Beta' is no header: write -H 'Name: value'\n"),
        (["GET", "/\r\n"], "moongate explain: a request line or header holds no line break\n"),
    ],
)
def test_what_is_no_request(
    config: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    assert main(["explain", *arguments]) == 2
    assert capsys.readouterr().err == complaint


@pytest.mark.parametrize(
    ("path", "meant"), [("/api/cars/", "/api/cars"), ("/API/Cars", "/api/cars"), ("/home", "/home/"), ("/x", None)]
)
def test_a_path_that_is_nearly_right_gets_a_hint(
    config: Path, capsys: pytest.CaptureFixture[str], path: str, meant: str | None
) -> None:
    routes = (
        "  - {name: a, match: {path: /api/cars}, service: web}\n  - {name: b, match: {path: /home/}, service: web}\n"
    )
    config.write_text(config.read_text().split("routes:")[0] + "routes:\n" + routes)
    assert main(["explain", "GET", path]) == 0
    out = capsys.readouterr().out
    assert "is answered 404 route_not_found" in out
    assert f"  but {meant} would take route" in out if meant else "but " not in out


def test_filters_are_run_and_what_they_say_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = "[{request_headers: {set: {X-A: '1'}}}, {authorize: {grants: false, scopes: list}}]"
    text = config.read_text()
    assert "service: cars" in text
    config.write_text(text.replace("service: cars", f"filters: {steps}, service: cars"))
    assert main(["explain", "GET", "/api/cars/7"]) == 0
    assert (
        "    filter request_headers passes\n"
        "    filter authorize refuses: 401 credentials_missing (anonymous): nobody was authenticated\n"
        "  is answered 401 credentials_missing (anonymous)\n"
    ) in capsys.readouterr().out


def test_what_people_type_first(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "get", "/api/cars/7"]) == 0
    assert "but methods are case-sensitive: write GET" in capsys.readouterr().out
    assert main(["explain", "/api/cars/7", "GET"]) == 2
    assert "the method comes first: moongate explain GET /api/cars/7" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["shop.example/cars", "api/cars/7"])
def test_a_url_without_its_beginning(config: Path, capsys: pytest.CaptureFixture[str], url: str) -> None:
    assert main(["explain", "GET", url]) == 0
    assert (
        "is answered 400 bad_request (bad_target)\n  but a URL is written http://HOST/PATH" in capsys.readouterr().out
    )
