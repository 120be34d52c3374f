"""Plans about logins of browsers that rooms on one line share: at whom, and what sessions are sealed with."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ProviderPlan:
    """An OpenID Connect provider, by the URL that is its ``issuer``, and who the gateway is there. ``callback`` and
    ``logout`` are paths of the gateway."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    callback: str = "/oidc/callback"
    logout: str = "/oidc/logout"

    @property
    def name(self) -> str:
        """What it is called between control and workers."""
        return provider_name(self.issuer, self.client_id)


def provider_name(issuer: str, client_id: str) -> str:
    """An issuer, and the gateway as one of its clients, in few characters that a cookie's name may have."""
    return hashlib.sha256(f"{issuer}\0{client_id}".encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class LoginsPlan:
    """What control does about logins: ask ``providers``, and have sessions sealed with ``secrets``, the first of them,
    or where there are none with what is kept in the file ``keys``."""

    keys: str
    secrets: tuple[str, ...] = field(default=(), repr=False)
    providers: tuple[ProviderPlan, ...] = ()
