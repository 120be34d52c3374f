"""Settings: environment variables named INVSYS_*, all with defaults that work."""

from collections.abc import Mapping
from dataclasses import dataclass

from servicekit.process.environment import Environment


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` an SQLAlchemy URL; `threads` requests handled at once; `max_body` bytes of a request body.

    `host` and `port` are where `invsys serve` listens; port 0 picks a free one. `actor_header` names the request
    header in which a trusted proxy says who acts; it goes into the history. `kinds_file` is read by `invsys migrate`.
    """

    database_url: str = "sqlite:///invsys.db"
    host: str = "127.0.0.1"
    port: int = 8101
    threads: int = 16
    max_body: int = 1024 * 1024
    require_idempotency_key: bool = True
    actor_header: str = ""
    kinds_file: str = ""


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings. Raises SettingError for an unknown INVSYS_ name, or a value that is no such thing."""
    found = Environment(environ, "INVSYS_")
    defaults = Settings()
    settings = Settings(
        database_url=found.text("DATABASE_URL", defaults.database_url),
        host=found.text("HOST", defaults.host),
        port=found.number("PORT", defaults.port, 0, 65535),
        threads=found.number("THREADS", defaults.threads, 1, 256),
        max_body=found.number("MAX_BODY", defaults.max_body, 1024, 1024**3),
        require_idempotency_key=found.flag("REQUIRE_IDEMPOTENCY_KEY", defaults.require_idempotency_key),
        actor_header=found.text("ACTOR_HEADER", defaults.actor_header),
        kinds_file=found.text("KINDS_FILE", defaults.kinds_file),
    )
    found.finish()
    return settings
