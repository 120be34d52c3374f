"""Access tokens (RFC 9068): made, told about (RFC 7662), ended (RFC 7009)."""

import secrets
from dataclasses import dataclass
from typing import Any

from accounts.domain.client import Client, ClientStatus, RevokedToken
from accounts.domain.errors import StateConflictError
from accounts.domain.oauth import TOKEN_TTL_S, BadTokenError, OAuthError
from accounts.domain.times import in_seconds
from accounts.service import clients
from accounts.service.authenticating import Known
from accounts.service.oauth_ports import Jose
from accounts.service.ports import Store, Transaction
from accounts.service.signing import Keyring
from servicekit.core.values import Clock, Origin


@dataclass(frozen=True, slots=True)
class Issued:
    """A token that was just made."""

    text: str
    jti: str
    scopes: tuple[str, ...]


class Tokens:
    """`issuer` is the `iss` of every token, `audience` its `aud`: the gateways that it is for."""

    def __init__(self, store: Store, keyring: Keyring, jose: Jose, clock: Clock, names: tuple[str, str]) -> None:
        self._store = store
        self._keyring = keyring
        self._jose = jose
        self._clock = clock
        self._issuer, self._audience = names

    def issue(self, known: Known, scope: str | None, resource: str | None, origin: Origin) -> Issued:
        """A token for a client, which is in the audit before anybody has it.

        Raises OAuthError for a scope or a resource that it may not have, StoreUnavailableError, PepperUnavailableError.
        """
        if resource is not None and resource != self._audience:
            raise OAuthError("invalid_target", "there are no tokens for that resource here")
        scopes = known.profile.granted(scope)
        # Within the second in which all its tokens were revoked, the next one is of the second after it.
        issued = max(in_seconds(self._clock()), known.client.not_before)
        jti = secrets.token_urlsafe(16)
        claims = {
            "iss": self._issuer,
            "sub": known.client.id,
            "client_id": known.client.id,
            "aud": self._audience,
            "iat": issued,
            "exp": issued + TOKEN_TTL_S,
            "jti": jti,
        }
        if scopes:
            claims["scope"] = " ".join(scopes)
        text = self._keyring.signer().sign(claims)
        details = {"jti": jti, "exp": claims["exp"], "scopes": list(scopes)}
        self._store.write(lambda tx: tx.audit.record("client.token_issued", known.client.id, details), origin)
        return Issued(text, jti, scopes)

    def introspect(self, text: str, client_id: str | None) -> dict[str, Any]:
        """What RFC 7662 section 2.2 tells of a token; of another client's, only to a gateway (`client_id` None)."""
        claims = self._open(text)
        if claims is None or client_id not in (None, claims["sub"]):
            return {"active": False}
        if not self._store.read(lambda tx: _is_good(tx, claims)):
            return {"active": False}
        told = ("scope", "client_id", "exp", "iat", "sub", "aud", "iss", "jti")
        return {"active": True, "token_type": "Bearer", **{name: claims[name] for name in told if name in claims}}

    def revoke(self, text: str, client: Client, origin: Origin) -> None:
        """End a token of the client now. One that is no token, or ended, is fine. Raises OAuthError for another's."""
        claims = self._open(text)
        if claims is None:
            return
        if claims["sub"] != client.id:
            raise OAuthError("unauthorized_client", "the token was issued to another client")
        token = RevokedToken(claims["jti"], claims["exp"])
        try:
            self._store.write(lambda tx: clients.revoke_token(tx, client.id, token, self._clock()), origin)
        except StateConflictError:  # too many one by one: the end of them all ends this one too
            self._store.write(lambda tx: clients.revoke_tokens(tx, client.id, self._clock()), origin)

    def _open(self, text: str) -> dict[str, Any] | None:
        try:
            claims = self._jose.open_token(text, self._keyring.published())
        except BadTokenError:
            return None
        is_ours = claims.get("iss") == self._issuer and claims["exp"] > in_seconds(self._clock())
        return claims if is_ours else None


def _is_good(tx: Transaction, claims: dict[str, Any]) -> bool:
    client = tx.clients.get(claims["sub"])
    if client is None or client.status is not ClientStatus.ACTIVE or claims["iat"] < client.not_before:
        return False
    return all(token.jti != claims["jti"] for token in tx.clients.revoked(client.id))
