"""The wiring of OAuth: who issues, with which keys, for whom."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from accounts.adapters.jose import JoserfcJose
from accounts.bootstrap.settings import PREFIX, Settings
from accounts.service.authenticating import Authenticator
from accounts.service.oauth_ports import Jose
from accounts.service.ports import Peppers, Store
from accounts.service.signing import Keyring
from accounts.service.tokens import Tokens
from servicekit.core.errors import SettingError
from servicekit.core.values import Clock

TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path


@dataclass(frozen=True, slots=True)
class OAuth:
    """What the OAuth endpoints work with."""

    issuer: str
    jose: Jose
    keyring: Keyring
    authenticator: Authenticator
    tokens: Tokens


def build_oauth(settings: Settings, store: Store, peppers: Peppers, clock: Clock) -> OAuth:
    """Raises SettingError for an issuer that is none."""
    issuer = issuer_of(settings)
    jose = JoserfcJose()
    keyring = Keyring(store, peppers, jose, clock)
    audiences = frozenset({issuer, issuer + TOKEN_PATH})
    return OAuth(
        issuer=issuer,
        jose=jose,
        keyring=keyring,
        authenticator=Authenticator(store, peppers, jose, clock, audiences),
        tokens=Tokens(store, keyring, jose, clock, (issuer, settings.audience)),
    )


def issuer_of(settings: Settings) -> str:
    """The URL that names this service to the world (RFC 8414 section 2). Raises SettingError."""
    if not settings.issuer:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        return f"http://{host}:{settings.port}"
    try:
        url = urlsplit(settings.issuer)
        is_named = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        is_named = False
    if not is_named or settings.issuer != f"{url.scheme}://{url.netloc}" or "@" in url.netloc:
        detail = "must be an URL such as https://accounts.example, without a path, a query or a slash at its end"
        raise SettingError(f"{PREFIX}ISSUER", detail)
    return settings.issuer
