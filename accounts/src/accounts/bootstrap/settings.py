"""Settings: environment variables named ACCOUNTS_*, all with defaults that work."""

from collections.abc import Mapping
from dataclasses import dataclass

from servicekit.process.environment import Environment

PREFIX = "ACCOUNTS_"


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` an SQLAlchemy URL; `threads` requests handled at once; `max_body` bytes of a request body.

    `host` and `port` are where `accounts serve` listens; port 0 picks a free one. `pepper_file` holds the keys of the
    hashes of credentials: keep it out of the database's backups, and back it up as well.

    `issuer` is the URL under which clients and gateways reach this service (by default its own address), `audience`
    what its tokens are for. `address_header` is the header in which a trusted proxy names the caller's address.
    """

    database_url: str = "sqlite:///accounts.db"
    pepper_file: str = "accounts.peppers"
    host: str = "127.0.0.1"
    port: int = 8102
    threads: int = 16
    max_body: int = 1024 * 1024
    require_idempotency_key: bool = True
    issuer: str = ""
    audience: str = "moongate"
    address_header: str = ""


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings. Raises SettingError for an unknown ACCOUNTS_ name, or a value that is no such thing."""
    defaults = Settings()
    variables = Environment(environ, PREFIX)
    settings = Settings(
        database_url=variables.text("DATABASE_URL", defaults.database_url),
        pepper_file=variables.text("PEPPER_FILE", defaults.pepper_file),
        host=variables.text("HOST", defaults.host),
        port=variables.number("PORT", defaults.port, 0, 65535),
        threads=variables.number("THREADS", defaults.threads, 1, 256),
        max_body=variables.number("MAX_BODY", defaults.max_body, 1024, 1024**3),
        require_idempotency_key=variables.flag("REQUIRE_IDEMPOTENCY_KEY", defaults.require_idempotency_key),
        issuer=variables.text("ISSUER", defaults.issuer),
        audience=variables.text("AUDIENCE", defaults.audience),
        address_header=variables.text("ADDRESS_HEADER", defaults.address_header),
    )
    variables.finish()
    return settings
