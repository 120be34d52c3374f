"""What a config says of logins at one provider, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from moongate.core.login_plans import provider_name

if TYPE_CHECKING:
    from moongate.filters.authenticate import Method
    from moongate.filters.jwt_issuer import IssuerPlan
    from moongate.filters.port import Tools

KIND: Final = "oidc"


@dataclass(frozen=True, slots=True)
class OidcPlan:
    """``issuer`` is what ID tokens must be, with ``client_id`` as their one audience. ``callback`` and ``logout`` are
    paths of the gateway's own, ``after_logout`` somebody's; ``claims`` are kept beside those that every session has."""

    issuer: IssuerPlan
    client_id: str
    scopes: tuple[str, ...]
    callback: str
    logout: str
    after_logout: str
    session_seconds: float
    claims: tuple[str, ...]
    allows_http: bool = False

    @property
    def kind(self) -> str:
        return KIND

    @property
    def carriers(self) -> frozenset[bytes]:
        return frozenset()

    @property
    def challenge(self) -> bytes:
        """No scheme of HTTP's own, but a 401 has to name one (RFC 9110 section 11.6.1), and browsers pass over it."""
        return b"Cookie"

    @property
    def issuers(self) -> tuple[IssuerPlan, ...]:
        """Whose keys are needed."""
        return (self.issuer,)

    @property
    def name(self) -> str:
        """The provider, and the gateway as its client, in what cookies are called."""
        return provider_name(self.issuer.issuer, self.client_id)

    def bind(self, tools: Tools) -> Method:
        from moongate.filters.oidc import Oidc

        if tools.accounts is None and self.issuer.is_known:
            raise ValueError("there is no `accounts` in the config that could know the clients of sessions")
        return Oidc(self, tools)

    def describe(self) -> dict[str, Any]:
        return {
            **self.issuer.describe(),
            "client_id": self.client_id,
            "scopes": list(self.scopes),
            "callback": self.callback,
            "logout": self.logout,
            "after_logout": self.after_logout,
            "session": self.session_seconds,
            "claims": list(self.claims),
            "allow_http": self.allows_http,
        }
