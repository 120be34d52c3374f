"""Users with passwords, as the programs write them that people use for it."""

from __future__ import annotations

import base64

import argon2
import bcrypt

_ARGON2 = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def bcrypted(password: str, cost: int = 4) -> str:
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(cost)).decode()


def argon2ed(password: str) -> str:
    return _ARGON2.hash(password)


def basic(name: str, password: str) -> str:
    """The header field of a client that shows these."""
    return "Authorization: Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
