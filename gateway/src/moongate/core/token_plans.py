"""Plans about tokens that rooms on one line share: whose keys are fetched, and what the gateway signs itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moongate.core.login_plans import LoginsPlan


@dataclass(frozen=True, slots=True)
class KeySourcePlan:
    """Where an issuer's keys come from: the JWK Set at ``jwks_url``, or where the issuer's discovery document says.

    ``issuer`` is what that document must say of itself. ``allows_http`` lets both be fetched without TLS from other
    machines.
    """

    issuer: str
    jwks_url: str | None = None
    allows_http: bool = False

    @property
    def name(self) -> str:
        """What it is called between control and workers: whoever names the same place shares its keys."""
        return self.jwks_url or self.issuer


@dataclass(frozen=True, slots=True)
class SigningPlan:
    """How the gateway vouches for clients towards services: as which ``issuer``, with keys kept in the file ``keys``,
    each used for ``rotate_seconds``."""

    issuer: str
    keys: str
    rotate_seconds: float


@dataclass(frozen=True, slots=True)
class TokensPlan:
    """What control does about tokens: fetch keys from ``sources`` and keep them in the file ``key_sets``; keep keys of
    the gateway's own where anything is to be signed; ask providers where people log in."""

    key_sets: str
    sources: tuple[KeySourcePlan, ...] = ()
    signing: SigningPlan | None = None
    logins: LoginsPlan | None = None
