"""Hashes of passwords as ``htpasswd`` and its like write them: bcrypt and Argon2id, and nothing weaker.

A hash says itself what checking it costs; one that would cost a worker seconds, or its memory, is refused when the
config is read.
"""

from __future__ import annotations

import re
from typing import Final

_BCRYPT: Final = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}\Z")
_ARGON2ID: Final = re.compile(
    r"\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,9})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}\Z"
)
MAX_BCRYPT_COST: Final = 14  # 1 s
MAX_ARGON2_KIB: Final = 128 * 1024
MAX_ARGON2_WORK: Final = 512 * 1024  # KiB x passes, 0.5 s
BCRYPT_BYTES: Final = 72  # bcrypt reads no more of a password
_WEAK: Final = (
    ("$apr1$", "an MD5 hash"),
    ("$1$", "an MD5 hash"),
    ("{SHA}", "a SHA-1 hash without salt"),
    ("{SSHA}", "a SHA-1 hash"),
    ("$5$", "a SHA-256 hash"),
    ("$6$", "a SHA-512 hash"),
    ("$argon2i$", "Argon2i"),
    ("$argon2d$", "Argon2d"),
)


def judge_hash(text: str) -> None:
    """Raises ValueError, in words that follow the name of a user, where ``text`` is no hash that is taken."""
    if found := _BCRYPT.match(text):
        if not 4 <= int(found[1]) <= MAX_BCRYPT_COST:
            raise ValueError(f"bcrypt of cost {int(found[1])} is not taken, only 4 to {MAX_BCRYPT_COST}")
    elif found := _ARGON2ID.match(text):
        memory, passes, lanes = (int(each) for each in found.groups())
        if memory > MAX_ARGON2_KIB or memory * passes > MAX_ARGON2_WORK or not (1 <= lanes <= 16 and passes):
            raise ValueError(
                f"Argon2id of m={memory}, t={passes}, p={lanes} is not taken: m is at most {MAX_ARGON2_KIB}, m times t "
                f"at most {MAX_ARGON2_WORK}, p 1 to 16"
            )
        if memory < 8 * lanes:
            raise ValueError(f"Argon2id of m={memory} and p={lanes} does not exist: m is at least 8 times p")
    else:
        what = next((name for start, name in _WEAK if text.startswith(start)), "no bcrypt or Argon2id hash")
        raise ValueError(f"{what}, and only bcrypt and Argon2id are taken")


def is_password(text: str, password: bytes) -> bool:
    """Whether ``text``, which `judge_hash` has seen, is a hash of ``password``. Takes 50 to 500 ms, and holds no lock
    of the interpreter meanwhile."""
    if text.startswith("$2"):
        import bcrypt

        is_right = bcrypt.checkpw(password[:BCRYPT_BYTES], text.encode("ascii"))
        return is_right and len(password) <= BCRYPT_BYTES
    from argon2.exceptions import VerificationError
    from argon2.low_level import Type, verify_secret

    try:
        return verify_secret(text.encode("ascii"), password, Type.ID)
    except VerificationError:
        return False
