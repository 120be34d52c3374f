"""What issuers publish, judged: the metadata that leads to their keys, the keys, and how long they hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

import msgspec

from moongate.control.tokens.fetch import FetchFailed
from moongate.filters.jwt_keys import ALGORITHMS, KeyRing

if TYPE_CHECKING:
    from moongate.core.token_plans import KeySourcePlan

REFRESH_SECONDS: Final = 600.0  # where nothing is said; Envoy and panva's jose have the same
REFRESH_BOUNDS: Final = (60.0, 3600.0)
_MAX_AGE: Final = re.compile(r"(?:^|[\s,])max-age=\"?(\d{1,9})\"?(?:$|[\s,])")
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class _Metadata(msgspec.Struct):
    """Of OpenID Connect Discovery 1.0 and RFC 8414, what is needed here."""

    issuer: str
    jwks_uri: str


def metadata_urls(issuer: str) -> tuple[str, str]:
    """Where an issuer describes itself: behind its own path (OpenID Connect Discovery 1.0 section 4), or in front of it
    (RFC 8414 section 3.1)."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    return (
        urlunsplit((*parts[:2], f"{path}/.well-known/openid-configuration", "", "")),
        urlunsplit((*parts[:2], f"/.well-known/oauth-authorization-server{path}", "", "")),
    )


def read_metadata(body: bytes, plan: KeySourcePlan) -> str:
    """The URL of the issuer's keys. Raises FetchFailed."""
    try:
        metadata = msgspec.json.decode(body, type=_Metadata)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise FetchFailed(f"describes itself in no way that is understood: {error}") from None
    if metadata.issuer != plan.issuer:
        # RFC 8414 section 3.3: else one tenant of a provider could speak for another.
        raise FetchFailed(f"says of itself that it is {metadata.issuer[:200]!r}, and not what the config has")
    parts, home = _split(metadata.jwks_uri), urlsplit(plan.issuer)
    is_home = parts[:2] == home[:2]
    is_near = home.hostname in _LOOPBACK and parts.hostname in _LOOPBACK
    if parts.scheme != "https" and not (parts.scheme == "http" and (is_home or is_near or plan.allows_http)):
        raise FetchFailed("says that its keys are at a place that is not reached over https")
    if "@" in parts.netloc or not parts.hostname:
        raise FetchFailed("says that its keys are at a place that is none")
    return metadata.jwks_uri


def read_key_set(body: bytes) -> str:
    """The keys, as they are handed on. Raises FetchFailed where none of them can verify a token."""
    try:
        text = body.decode()
        ring = KeyRing(body, ALGORITHMS)
    except ValueError as error:
        raise FetchFailed(f"publishes keys that are none: {error}") from None
    if not ring:
        raise FetchFailed("publishes no key that could verify a token")
    return text


def seconds_to_hold(cache_control: str) -> float:
    """After how many seconds to look again."""
    match = _MAX_AGE.search(cache_control.lower())
    said = float(match[1]) if match is not None and "no-store" not in cache_control.lower() else REFRESH_SECONDS
    low, high = REFRESH_BOUNDS
    return min(max(said, low), high)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise FetchFailed("says that its keys are at a place that is none") from None
    return parts
