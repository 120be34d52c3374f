"""The plan of ``oidc``: what ID tokens must be, and where a login ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moongate.core.token_plans import KeySourcePlan
from moongate.filters.jwt_issuer import IssuerPlan
from moongate.filters.oidc_id_token import TYPES
from moongate.filters.oidc_plan import OidcPlan

if TYPE_CHECKING:
    from moongate.config.model_auth_oidc import OidcConfig


def oidc_plan(settings: OidcConfig, *, has_accounts: bool) -> OidcPlan:
    """Raises ValueError for what can not work."""
    if settings.known_to_accounts and not has_accounts:
        raise ValueError("known_to_accounts needs `accounts: {url: ..., token: ...}` at the top of the config")
    return OidcPlan(
        issuer=IssuerPlan(
            issuer=settings.issuer,
            source=KeySourcePlan(settings.issuer, None, settings.allow_http),
            audiences=frozenset((settings.client_id,)),
            algorithms=frozenset(settings.algorithms),
            types=TYPES,
            leeway=settings.leeway,
            client_claims=settings.client,
            scope_claims=(),
            is_known=settings.known_to_accounts,
        ),
        client_id=settings.client_id,
        scopes=settings.scopes,
        callback=settings.callback,
        logout=settings.logout,
        after_logout=settings.after_logout,
        session_seconds=settings.session,
        claims=settings.claims,
        allows_http=settings.allow_http,
    )
