"""What the gateway itself answers on its listeners, before any route: the keys by which services verify its tokens, and
where logins at providers, and sessions, end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moongate.compile.reserved import JWKS_PATH
from moongate.core.errors import METHOD_NOT_ALLOWED
from moongate.filters import Refusal, Response
from moongate.filters.authenticate import AuthenticatePlan
from moongate.filters.oidc_plan import OidcPlan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from moongate.compile import Snapshot
    from moongate.core.exchange import Exchange
    from moongate.filters import Filter, Tools
    from moongate.filters.port import Logins
    from moongate.stores.signing import Signing

_FIELDS: Final = ((b"Content-Type", b"application/jwk-set+json"), (b"Cache-Control", b"public, max-age=300"))
_NOT_ALLOWED: Final = Refusal(METHOD_NOT_ALLOWED, "method", ((b"Allow", b"GET, HEAD"),))


def own_paths(snapshot: Snapshot, signing: Signing, logins: Logins, tools: Tools) -> Mapping[bytes, Filter]:
    """Canonical paths, and what answers there; none where no token is signed and nobody logs in."""
    if snapshot.tokens is None:
        return {}
    own: dict[bytes, Filter] = {}
    if snapshot.tokens.signing is not None:
        own[JWKS_PATH.encode("ascii")] = _Keys(signing)
    for plan in dict.fromkeys(_oidc_plans(snapshot)):
        from moongate.filters.oidc_callback import Callback  # joserfc takes 3 MB, which others need not bear
        from moongate.filters.oidc_logout import Logout

        own[plan.callback.encode("ascii")] = Callback(plan, tools, logins)
        own[plan.logout.encode("ascii")] = Logout(plan, tools, logins)
    return own


class _Keys:
    """The public half of what the gateway signs with."""

    def __init__(self, signing: Signing) -> None:
        self._signing = signing

    def __call__(self, exchange: Exchange, /) -> Response | Refusal:
        assert exchange.head is not None
        if exchange.head.method not in (b"GET", b"HEAD"):
            return _NOT_ALLOWED
        return Response(200, self._signing.jwks, _FIELDS)


def _oidc_plans(snapshot: Snapshot) -> Iterator[OidcPlan]:
    for route in snapshot.routes:
        for plan in route.filters:
            if isinstance(plan, AuthenticatePlan):
                yield from (method for method in plan.methods if isinstance(method, OidcPlan))
