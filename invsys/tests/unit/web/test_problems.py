"""Problem documents."""

from flask.testing import FlaskClient

from invsys.bootstrap.settings import Settings
from invsys.bootstrap.wiring import build_services
from invsys.web.app import create_app
from servicekit.web.problems import MAX_ERRORS, pointer


def test_a_problem_has_all_members(client: FlaskClient) -> None:
    answer = client.get("/api/cars/none")
    assert answer.status_code == 404
    assert answer.json == {
        "type": "about:blank",
        "title": "Resource not found",
        "status": 404,
        "detail": "there is no resource 'none' here",
        "instance": "/api/cars/none",
        "code": "resource_not_found",
    }


def test_what_a_person_tries_first_is_told_in_words(client: FlaskClient) -> None:
    for path, detail in (
        ("/api/car", "there is no kind 'car' here: /api/kinds has the plurals there are"),
        ("/api/cars?free_from=2027-01-01T00:00:00+01:00", "free_from: has a space in place of the + of its offset"),
        ("/api/cars?free_from=2027-02-30T00:00:00Z", "free_from: names a day or a time of day that there is not"),
        ("/?first=tomorrow", "first: must be a date such as 2027-03-01"),
    ):
        assert client.get(path).json["detail"].startswith(detail)


def test_errors_point_into_the_body(client: FlaskClient) -> None:
    car = client.post("/api/cars", json={"name": "a"}).json["id"]
    body = {"from_datetime": "2026-01-01T00:00:00", "to_datetime": 7, "allocation_type": "Booking!", "x/y": 1}
    answer = client.post(f"/api/cars/{car}/allocations", json=body)
    assert answer.status_code == 422
    assert {found["pointer"] for found in answer.json["errors"]} == {
        "/from_datetime",
        "/to_datetime",
        "/allocation_type",
        "/x~1y",
    }
    assert "no UTC offset" in answer.json["errors"][0]["detail"]


def test_no_more_errors_are_told_than_a_person_reads(client: FlaskClient) -> None:
    answer = client.post("/api/cars", json={f"{number}" + "x" * 300: number for number in range(2000)})
    assert answer.status_code == 422
    assert len(answer.json["errors"]) == MAX_ERRORS
    assert len(answer.data) < 30_000


def test_a_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    answer = client.put("/api/cars", json={})
    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_an_unknown_path_is_a_problem_too(client: FlaskClient) -> None:
    for path in ("/nowhere", "/api", "/api/cars/1/2/3", "//api/cars"):
        answer = client.get(path)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json"), path


def test_a_database_that_is_gone_is_503_and_says_nothing_of_it() -> None:
    services = build_services(Settings(database_url="postgresql://user:secret@127.0.0.1:1/none"))
    client = create_app(services).test_client()
    answer = client.get("/api/cars")
    assert (answer.status_code, answer.json["code"]) == (503, "database_unavailable")
    assert answer.headers["Retry-After"] == "1"
    assert "secret" not in answer.text
    assert "127.0.0.1" not in answer.text


def test_pointers_are_escaped() -> None:
    assert pointer(("a/b", "c~d", 0)) == "/a~1b/c~0d/0"
