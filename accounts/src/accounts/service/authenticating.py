"""Who asks the token endpoint: a client with a secret, or with an assertion that it signed.

An unknown client costs what a known one costs, and is answered the same: the same rows are read, as many codes are
computed, a signature is verified.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts.domain.client import Client, ClientStatus
from accounts.domain.credentials import SECRET_PREFIX, Pepper, Secret, is_code_of, parse_text
from accounts.domain.ids import CLIENT, is_id
from accounts.domain.oauth import (
    MAX_SECRETS,
    SKEW_S,
    BadTokenError,
    ClientSecret,
    OAuthError,
    Profile,
    check_assertion,
)
from accounts.domain.times import in_seconds
from accounts.service.oauth_ports import Facts, Jose
from accounts.service.ports import Peppers, Store, Transaction
from servicekit.core.values import Clock

_NOBODY = "cl_000000000000000000"
_NO_TEXT = "mgs_000000000000_00000000000000000000000000000000000000"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request shows: a client's id, and a secret or an assertion, which tells the id where it is left out."""

    client_id: str
    secret: str | None = None
    assertion: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A client that has proved to be who it says."""

    client: Client
    profile: Profile


class Authenticator:
    """`audiences` are the names that an assertion may be for. Raises OAuthError `invalid_client` for every doubt."""

    def __init__(self, store: Store, peppers: Peppers, jose: Jose, clock: Clock, audiences: frozenset[str]) -> None:
        self._store = store
        self._peppers = peppers
        self._jose = jose
        self._clock = clock
        self._audiences = audiences

    def client(self, shown: Shown) -> Known:
        """Who it is. Raises OAuthError, StoreUnavailableError, PepperUnavailableError."""
        ident = shown.client_id
        if not ident and shown.assertion is not None:
            ident = self._jose.claimed_subject(shown.assertion)
        if not is_id(ident, CLIENT):
            ident = _NOBODY
        facts = self._store.read(lambda tx: _facts(tx, ident))
        if shown.assertion is not None:
            is_proved = self._is_asserted(shown.assertion, ident, facts.profile)
        else:
            is_proved = _is_secret(shown.secret or "", facts.secrets, self._peppers, self._clock())
        if not is_proved or facts.client is None or facts.client.status is not ClientStatus.ACTIVE:
            raise OAuthError("invalid_client", "the client is unknown, or what it shows is not its own", 401)
        return Known(facts.client, facts.profile)

    def _is_asserted(self, text: str, ident: str, profile: Profile) -> bool:
        now = in_seconds(self._clock())
        try:
            claims = self._jose.open_assertion(text, profile.jwks)
            found = check_assertion(claims, ident, self._audiences, now)
        except BadTokenError:
            return False
        # In the database, so that another process refuses it as well.
        return self._store.write(lambda tx: tx.oauth.remember(ident, found.jti, found.exp + SKEW_S))


def _facts(tx: Transaction, ident: str) -> Facts:
    return Facts(tx.clients.get(ident), tx.oauth.profile(ident), tx.oauth.secrets_of(ident))


def _is_secret(text: str, secrets: Sequence[ClientSecret], peppers: Peppers, now: int) -> bool:
    held: Mapping[int, Pepper] = peppers.all()
    newest = max(held)
    presented = parse_text(text)
    is_formed = presented is not None and presented.prefix == SECRET_PREFIX
    live = [secret.secret for secret in secrets if secret.is_live(now) and secret.secret.pepper in held][:MAX_SECRETS]
    slots = live + [Secret(b"", newest)] * (MAX_SECRETS - len(live))
    shown = text if is_formed else _NO_TEXT
    fits = [is_code_of(shown, slot, held[slot.pepper]) for slot in slots]
    return is_formed and any(fits)
