"""Argon2id for the passwords of admins, by argon2-cffi with the first recommendation of RFC 9106 for less memory."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

AT_ONCE = 2
"""Hashes computed side by side: each takes 64 MiB, and strangers may ask for them."""


class Argon2Hash:
    """The port `PasswordHash`."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._nobody = ""

    def hash(self, password: str) -> str:
        with self._places:
            return self._hasher.hash(password)

    def verify(self, password: str, kept: str | None) -> bool:
        if not self._nobody:
            self._nobody = self.hash("nobody has this password")
        with self._places:
            try:
                self._hasher.verify(self._nobody if kept is None else kept, password)
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None
