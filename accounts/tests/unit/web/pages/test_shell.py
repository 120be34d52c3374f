"""The frame of every page."""

import pytest

from accounts_harness.person import Person

POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


def test_strangers_are_led_to_the_entrance(stranger: Person) -> None:
    for path in ("/", "/matrix", "/roles", "/plans", "/audit", "/clients/x"):
        answer = stranger.client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert stranger.send("/clients", name="a").headers["Location"] == "/sign-in"


def test_every_answer_forbids_what_pages_do_not_need(person: Person) -> None:
    for path in ("/", "/matrix", "/roles", "/plans", "/audit", "/clients/x", "/sign-in", "/style.css"):
        answer = person.client.get(path)
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == ("no-cache" if path == "/style.css" else "no-store")
        assert not any(word in answer.text for word in ("<script", " style=", " onclick="))


def test_forms_of_others_are_not_taken(person: Person) -> None:
    for code in ("", "0" * 64, "\u00e9"):
        assert person.client.post("/clients", data={"name": "a", "form_code": code}).status_code == 403
    data = {"name": "a", "form_code": person.code}
    for site in ("cross-site", "same-site"):
        assert person.client.post("/clients", data=data, headers={"Sec-Fetch-Site": site}).status_code == 403
        assert person.client.post("/sign-in", data=data, headers={"Sec-Fetch-Site": site}).status_code == 403
    assert person.client.post("/clients", json=data).status_code == 415
    assert "No clients yet" in person.see("/")


@pytest.mark.parametrize(
    ("path", "status"), [("/clients/x", 404), ("/?x=1", 400), ("/?cursor=x", 400), ("/audit?verify=no", 400)]
)
def test_failures_have_a_page(person: Person, path: str, status: int) -> None:
    answer = person.client.get(path)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert "Back to the clients" in answer.text
