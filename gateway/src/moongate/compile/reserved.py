"""The paths that the gateway answers itself, on each of its listeners and before any route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from moongate.compile.snapshot import Snapshot

JWKS_PATH: Final = "/.well-known/moongate/jwks.json"


def reserved_paths(snapshot: Snapshot) -> dict[str, str]:
    """Canonical paths, and in words what is there."""
    tokens, found = snapshot.tokens, {}
    if tokens is not None and tokens.signing is not None:
        found[JWKS_PATH] = "the keys that services verify its tokens by"
    if tokens is not None and tokens.logins is not None:
        for provider in tokens.logins.providers:
            found[provider.callback] = f"where logins at {provider.issuer} end"
            found[provider.logout] = f"where sessions of {provider.issuer} end"
    return found
