"""What the gateway signs with towards services, as control handed it to this worker, and the keys to verify it by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from moongate.stores.keys import SigningKey

NO_KEYS: Final = b'{"keys":[]}'


class Signing:
    """``current`` is None before control has said anything; ``jwks`` is the JWK Set that services verify by."""

    def __init__(self) -> None:
        self.current: SigningKey | None = None
        self.jwks = NO_KEYS

    def replaced(self, current: SigningKey, jwks: bytes) -> None:
        """From now on this key; ``jwks`` has those that were used before as well, for as long as their tokens live."""
        self.current = current
        self.jwks = jwks
