import pytest

from gateway_harness.passwords import argon2ed, bcrypted
from moongate.filters.password_hash import MAX_ARGON2_KIB, is_password, judge_hash

SALTED = "c29tZXNhbHRzb21l$" + "a" * 43


@pytest.mark.parametrize("variant", ["$2a$", "$2b$", "$2y$"])
@pytest.mark.parametrize("password", ["", "pass", "p:w", "päßwort", "x" * 72])
def test_bcrypt(variant: str, password: str) -> None:
    hashed = bcrypted(password).replace("$2b$", variant)
    judge_hash(hashed)
    assert is_password(hashed, password.encode())
    assert not is_password(hashed, password.encode()[:-1] + b"?")


def test_bcrypt_does_not_take_what_it_would_not_read() -> None:
    assert not is_password(bcrypted("x" * 72), b"x" * 73)


@pytest.mark.parametrize("password", ["", "pass", "päßwort", "x" * 500])
def test_argon2id(password: str) -> None:
    hashed = argon2ed(password)
    judge_hash(hashed)
    assert is_password(hashed, password.encode())
    assert not is_password(hashed, password.encode() + b"?")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("secret", "no bcrypt or Argon2id hash"),
        ("", "no bcrypt or Argon2id hash"),
        ("$apr1$abc$def", "an MD5 hash, and only bcrypt and Argon2id are taken"),
        ("{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "a SHA-1 hash without salt"),
        ("$6$rounds=5000$a$b", "a SHA-512 hash"),
        (argon2ed("x").replace("argon2id", "argon2i"), "Argon2i, and only"),
        (bcrypted("x")[:-1], "no bcrypt"),
        (bcrypted("x") + "\n", "no bcrypt"),
        ("$2b$15$" + "a" * 53, "bcrypt of cost 15 is not taken, only 4 to 14"),
        ("$2b$03$" + "a" * 53, "bcrypt of cost 3"),
        (f"$argon2id$v=19$m={MAX_ARGON2_KIB + 1},t=1,p=1${SALTED}", "m is at most"),
        (f"$argon2id$v=19$m=65536,t=9,p=1${SALTED}", "m times t"),
        (f"$argon2id$v=19$m=65536,t=1,p=17${SALTED}", "p 1 to 16"),
        (f"$argon2id$v=19$m=65536,t=0,p=1${SALTED}", "t=0"),
        (f"$argon2id$v=19$m=8,t=1,p=2${SALTED}", "at least 8 times p"),
    ],
    ids=str.split("word empty md5 sha1 sha512 argon2i short long cost-15 cost-3 m m-times-t p t m-under-p"),
)
def test_what_is_not_taken(text: str, said: str) -> None:
    with pytest.raises(ValueError) as raised:
        judge_hash(text)
    assert said in str(raised.value)
    assert not text or text not in str(raised.value)
