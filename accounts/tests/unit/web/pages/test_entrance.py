"""Signing in."""

from accounts.bootstrap.wiring import Services
from accounts.service import admins
from accounts.service.bootstrapping import Beginning
from accounts.web.pages.entrance import BURST, WRONG
from accounts_harness.making import SOMEBODY
from accounts_harness.person import Person

PASSWORD = "correct horse battery"


def test_by_password_and_every_failure_is_one_answer(
    stranger: Person, services: Services, beginning: Beginning
) -> None:
    kept = admins.hash_password(services.passwords, PASSWORD)
    services.store.write(lambda tx: admins.create(tx, "eve", kept, services.clock()), SOMEBODY)
    tries = ({"name": "eve", "password": "wrong"}, {"name": "mal", "password": PASSWORD}, {"token": "mga_x"})
    for fields in (*tries, {"token": beginning.gateway_token}, {"name": ""}):
        answer = stranger.sign_in(**fields)
        assert (answer.status_code, WRONG in answer.text) == (401, True)
        assert PASSWORD not in answer.text
        assert "Set-Cookie" not in answer.headers
    assert stranger.sign_in(name="eve", password=PASSWORD).headers["Location"] == "/"
    stranger.do("/clients", name="Acme")
    assert "admin:eve" in stranger.see("/audit")
    assert stranger.client.get("/sign-in").headers["Location"] == "/"


def test_guessing_is_slowed_by_name_and_by_address(stranger: Person) -> None:
    wrong = {"name": "nobody", "password": "wrong"}
    answers = [stranger.sign_in(**wrong) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert 429 in {stranger.sign_in(token="mga_x").status_code for _ in range(BURST + 20)}
