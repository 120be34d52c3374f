"""What OAuth needs from outside: its rows, and signatures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from accounts.domain.client import Client
from accounts.domain.credentials import Pepper
from accounts.domain.oauth import ClientSecret, Profile
from accounts.domain.signing_key import Algorithm, SealedKey, SigningKey


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a client that asks for a token; all of it empty where there is no such client."""

    client: Client | None
    profile: Profile
    secrets: Sequence[ClientSecret]


class OAuthRows(Protocol):
    """Profiles, secrets, remembered assertions and signing keys of one transaction."""

    def profile(self, client_id: str) -> Profile:
        """An empty one where none was stored."""
        ...

    def save_profile(self, profile: Profile) -> None: ...

    def add_secret(self, secret: ClientSecret) -> None: ...

    def secrets_of(self, client_id: str) -> Sequence[ClientSecret]:
        """In the order of creation; also dead ones, until they are forgotten."""
        ...

    def remove_secret(self, ident: str) -> None: ...

    def remember(self, client_id: str, jti: str, until: int) -> bool:
        """Keep the jti of an assertion until that second; False when it is known: a replay."""
        ...

    def signing_keys(self) -> Sequence[SigningKey]: ...

    def add_signing_key(self, key: SigningKey) -> bool:
        """False when another process has just made the key of that number."""
        ...

    def remove_signing_key(self, kid: str) -> None: ...

    def forget(self, at: int) -> None:
        """Forget jtis and secrets whose time ended before that second."""
        ...


class Signer(Protocol):
    """A private key in use."""

    def sign(self, claims: Mapping[str, Any]) -> str:
        """The token, in compact form."""
        ...


class Jose(Protocol):
    """Signatures, and keys sealed under a pepper."""

    def generate(self, algorithm: Algorithm, pepper: Pepper) -> tuple[str, dict[str, Any], SealedKey]:
        """A fresh key: its kid, its public JWK, its private half."""
        ...

    def signer(self, key: SigningKey, pepper: Pepper) -> Signer:
        """Raises PepperUnavailableError when the pepper does not open the key."""
        ...

    def open_token(self, text: str, keys: Sequence[SigningKey]) -> dict[str, Any]:
        """The claims of an access token that one of these keys signed. Raises BadTokenError."""
        ...

    def open_assertion(self, text: str, jwks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The claims of an assertion signed with one of these; no less work where there is none.

        Raises BadTokenError.
        """
        ...

    def claimed_subject(self, text: str) -> str:
        """Whom an assertion says it is of: whose keys to look up. Proves nothing; empty where it is malformed."""
        ...

    def check_client_key(self, jwk: Mapping[str, Any]) -> str | None:
        """What is wrong with a client's public key, or None."""
        ...
