"""The page at `/`."""

import re

import pytest
from flask.testing import FlaskClient


@pytest.fixture
def seeded(client: FlaskClient) -> FlaskClient:
    for number in range(55):
        body = {"name": f"car {number:02}", "labels": {"fleet": "even" if number % 2 == 0 else "<odd>"}}
        path = client.post("/api/cars", json=body).headers["Location"]
        if number < 3:
            times = {"from_datetime": f"2030-01-0{number + 7}T10:00:00Z", "to_datetime": "2030-01-10T12:00:00Z"}
            booking = {**times, "allocation_type": "booking", "description": f"<b>trip</b> {number}"}
            assert client.post(f"{path}/allocations", json=booking).status_code == 201
    return client


def shown(text: str) -> list[str]:
    return re.findall(r"<b title[^>]*>(car \d\d)</b>", text)


def test_it_shows_a_week_and_leads_on(seeded: FlaskClient) -> None:
    answer = seeded.get("/?first=2030-01-07")
    assert answer.status_code == 200
    assert shown(answer.text) == [f"car {number:02}" for number in range(50)]
    assert answer.text.count('<li class="booking"') == 3
    following = re.search(r'<p class="more"><a href="([^"]+)"', answer.text)
    assert following
    assert shown(seeded.get(following[1].replace("&amp;", "&")).text) == [f"car {number}" for number in range(50, 55)]


def test_what_callers_stored_is_text_and_no_markup(seeded: FlaskClient) -> None:
    text = seeded.get("/?first=2030-01-07").text
    assert "<b>trip</b>" not in text
    assert "&lt;b&gt;trip&lt;/b&gt; 1" in text
    assert "<odd>" not in text


def test_the_filter(seeded: FlaskClient) -> None:
    assert shown(seeded.get("/?name=car+1&labelled=fleet%3Deven&first=").text) == [
        "car 10",
        "car 12",
        "car 14",
        "car 16",
        "car 18",
    ]
    assert "No cars match the filter" in seeded.get("/?name=bus").text
    assert "No lorries here yet" in seeded.get("/?kind=lorries").text


@pytest.mark.parametrize(
    "query", ["zoom=year", "first=2030-02-30", "first=9999-01-01", "labelled=x", "cursor=x", "x=1"]
)
def test_bad_questions(client: FlaskClient, query: str) -> None:
    assert client.get(f"/?{query}").status_code == 400


def test_it_needs_no_script_and_allows_none(client: FlaskClient) -> None:
    answer = client.get("/")
    assert "<script" not in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    style = client.get("/style.css")
    assert (style.content_type, style.headers["Cache-Control"]) == ("text/css; charset=utf-8", "no-cache")
    assert client.get("/style.css", headers={"If-None-Match": style.headers["ETag"]}).status_code == 304
    assert client.get("/?kind=planes").headers["Location"] == "/"
