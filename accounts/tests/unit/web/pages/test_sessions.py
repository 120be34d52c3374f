"""Sessions."""

from accounts.bootstrap.wiring import Services
from accounts.service.bootstrapping import Beginning
from accounts.web.app import create_app
from accounts_harness.person import Person


def test_the_cookie_is_for_this_site_alone_and_for_no_script(stranger: Person, beginning: Beginning) -> None:
    cookie = stranger.sign_in(token=beginning.admin_token).headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"))
    assert "Secure" not in cookie
    assert beginning.admin_token not in cookie
    over_tls = stranger.client.post("/sign-in", data={"token": beginning.admin_token}, base_url="https://localhost")
    assert "Secure" in over_tls.headers["Set-Cookie"]


def test_a_session_ends_with_its_token_and_code(person: Person, services: Services, beginning: Beginning) -> None:
    cookie = person.client.get_cookie("accounts_session")
    assert cookie
    thief = Person(create_app(services).test_client(), person.code)
    thief.client.set_cookie("accounts_session", cookie.value)
    assert thief.client.get("/").status_code == 200
    assert person.do("/sign-out") == "/sign-in"
    for one in (person, thief):
        assert one.client.get("/").headers["Location"] == "/sign-in"
    stale = person.code
    person.sign_in(token=beginning.admin_token)
    assert person.client.post("/clients", data={"form_code": stale, "name": "a"}).status_code == 403
