"""What issuers publish, judged: the metadata that leads to their keys, the keys, and how long they hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import SplitResult, urlsplit, urlunsplit

import msgspec

from moongate.control.tokens.fetch import FetchFailed
from moongate.filters.jwt_keys import ALGORITHMS, KeyRing

if TYPE_CHECKING:
    from moongate.core.token_plans import KeySourcePlan

REFRESH_SECONDS: Final = 600.0  # where nothing is said; Envoy and panva's jose have the same
REFRESH_BOUNDS: Final = (60.0, 3600.0)
_MAX_AGE: Final = re.compile(r"(?:^|[\s,])max-age=\"?(\d{1,9})\"?(?:$|[\s,])")
_URL: Final = re.compile(r"[\x21\x22\x24-\x7e]{1,2048}")  # as it goes into a Location field, and without a fragment
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class _Metadata(msgspec.Struct):
    """Of OpenID Connect Discovery 1.0, RFC 8414, RFC 9207 and RP-Initiated Logout 1.0, what is needed here."""

    issuer: str
    jwks_uri: str
    authorization_endpoint: str | None = None
    token_endpoint: str | None = None
    end_session_endpoint: str | None = None
    authorization_response_iss_parameter_supported: bool | None = None
    token_endpoint_auth_methods_supported: list[str] | None = None


class Metadata(NamedTuple):
    """What an issuer says of itself. Endpoints are empty where it has none that may be gone to; ``names_itself`` where
    it always says who sends a browser back, ``takes_basic`` where a client may show its secret in a field."""

    jwks_uri: str
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    end_session_endpoint: str = ""
    names_itself: bool = False
    takes_basic: bool = True


def metadata_urls(issuer: str) -> tuple[str, str]:
    """Where an issuer describes itself: behind its own path (OpenID Connect Discovery 1.0 section 4), or in front of it
    (RFC 8414 section 3.1)."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    return (
        urlunsplit((*parts[:2], f"{path}/.well-known/openid-configuration", "", "")),
        urlunsplit((*parts[:2], f"/.well-known/oauth-authorization-server{path}", "", "")),
    )


def read_metadata(body: bytes, plan: KeySourcePlan) -> Metadata:
    """What the issuer of ``plan`` says of itself. Raises FetchFailed where that does not lead to its keys."""
    try:
        said = msgspec.json.decode(body, type=_Metadata)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise FetchFailed(f"describes itself in no way that is understood: {error}") from None
    if said.issuer != plan.issuer:
        # RFC 8414 section 3.3: else one tenant of a provider could speak for another.
        raise FetchFailed(f"says of itself that it is {said.issuer[:200]!r}, and not what the config has")
    _judge_place(said.jwks_uri, plan)
    methods = said.token_endpoint_auth_methods_supported
    return Metadata(
        said.jwks_uri,
        _endpoint(said.authorization_endpoint, plan),
        _endpoint(said.token_endpoint, plan),
        _endpoint(said.end_session_endpoint, plan),
        names_itself=said.authorization_response_iss_parameter_supported is True,
        takes_basic=methods is None or "client_secret_basic" in methods or "client_secret_post" not in methods,
    )


def _endpoint(url: str | None, plan: KeySourcePlan) -> str:
    """Nothing where it is no place to go to: who only wants the keys need not mind."""
    if not url or not _URL.fullmatch(url):
        return ""
    try:
        _judge_place(url, plan)
    except FetchFailed:
        return ""
    return url


def _judge_place(url: str, plan: KeySourcePlan) -> None:
    """Raises FetchFailed."""
    parts, home = _split(url), urlsplit(plan.issuer)
    is_home = parts[:2] == home[:2]
    is_near = home.hostname in _LOOPBACK and parts.hostname in _LOOPBACK
    if parts.scheme != "https" and not (parts.scheme == "http" and (is_home or is_near or plan.allows_http)):
        raise FetchFailed("says that its keys are at a place that is not reached over https")
    if "@" in parts.netloc or not parts.hostname:
        raise FetchFailed("says that its keys are at a place that is none")


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
