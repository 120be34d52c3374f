"""What the gateway itself answers on its listeners, before any route: the keys by which services verify its tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moongate.filters import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from moongate.compile import Snapshot
    from moongate.stores.signing import Signing

JWKS_PATH: Final = b"/.well-known/moongate/jwks.json"
_FIELDS: Final = ((b"Content-Type", b"application/jwk-set+json"), (b"Cache-Control", b"public, max-age=300"))


def own_paths(snapshot: Snapshot, signing: Signing) -> Mapping[bytes, Callable[[], Response]]:
    """Canonical paths, and what is answered there; none where no token is signed."""
    if snapshot.tokens is None or snapshot.tokens.signing is None:
        return {}
    return {JWKS_PATH: lambda: Response(200, signing.jwks, _FIELDS)}
