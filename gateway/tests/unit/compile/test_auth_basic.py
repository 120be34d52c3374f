import pytest

from gateway_harness.passwords import argon2ed, bcrypted
from moongate.compile.auth_basic import basic_plan
from moongate.config.model_auth_basic import BasicConfig

ADA, BOB = bcrypted("a"), argon2ed("b")


def test_lines_as_programs_and_people_write_them() -> None:
    text = f"# staff\n\nada:{ADA}\r\nbob:{BOB}:Bob Smith\n  zoe\u0308:{ADA}\n"
    plan = basic_plan(BasicConfig(users=text, realm="Staff", known_to_accounts=True), has_accounts=True)
    assert plan.users == (("ada", ADA), ("bob", BOB), ("zo\u00eb", ADA))
    assert (plan.realm, plan.is_known) == ("Staff", True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# nobody\n", "`users` holds nobody. `htpasswd -nB NAME` prints a good line"),
        ("ada", "line 1: is not NAME:HASH"),
        (":x", "line 1: a name is 1 to 255 printable characters"),
        ("ada:hunter2", "line 1: ada has no bcrypt or Argon2id hash, and only bcrypt and Argon2id are taken"),
        ("\nada:$apr1$abcdefgh$xyz", "line 2: ada has an MD5 hash"),
        (f"ada:{ADA}\nada:{BOB}", "line 2: ada stands twice"),
        ("a\nb\nc\nd\ne\nf\ng", "line 5: is not NAME:HASH; and 2 more. `htpasswd"),
    ],
)
def test_every_line_that_is_wrong_is_told_and_no_password(text: str, said: str) -> None:
    with pytest.raises(ValueError) as raised:
        basic_plan(BasicConfig(users=text), has_accounts=False)
    assert said in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_somebody_has_to_know_the_clients() -> None:
    with pytest.raises(ValueError, match="known_to_accounts needs `accounts"):
        basic_plan(BasicConfig(users=f"ada:{ADA}", known_to_accounts=True), has_accounts=False)
