"""Settings: environment variables named INVSYS_*, all with defaults that work."""

from collections.abc import Mapping
from dataclasses import dataclass

from invsys.domain.errors import InvalidValueError

PREFIX = "INVSYS_"


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
    """Read the settings. Raises InvalidValueError for an unknown INVSYS_ name, or a value that is no such thing."""
    defaults = Settings()
    known = {
        "INVSYS_DATABASE_URL": environ.get("INVSYS_DATABASE_URL", defaults.database_url),
        "INVSYS_HOST": environ.get("INVSYS_HOST", defaults.host),
        "INVSYS_PORT": environ.get("INVSYS_PORT", str(defaults.port)),
        "INVSYS_THREADS": environ.get("INVSYS_THREADS", str(defaults.threads)),
        "INVSYS_MAX_BODY": environ.get("INVSYS_MAX_BODY", str(defaults.max_body)),
        "INVSYS_REQUIRE_IDEMPOTENCY_KEY": environ.get("INVSYS_REQUIRE_IDEMPOTENCY_KEY", "true"),
        "INVSYS_ACTOR_HEADER": environ.get("INVSYS_ACTOR_HEADER", ""),
        "INVSYS_KINDS_FILE": environ.get("INVSYS_KINDS_FILE", ""),
    }
    unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise InvalidValueError(
            unknown[0], "unknown_setting", f"is not a setting; there are {', '.join(sorted(known))}"
        )
    return Settings(
        database_url=known["INVSYS_DATABASE_URL"],
        host=known["INVSYS_HOST"],
        port=_number("INVSYS_PORT", known["INVSYS_PORT"], 0, 65535),
        threads=_number("INVSYS_THREADS", known["INVSYS_THREADS"], 1, 256),
        max_body=_number("INVSYS_MAX_BODY", known["INVSYS_MAX_BODY"], 1024, 1024**3),
        require_idempotency_key=_yes("INVSYS_REQUIRE_IDEMPOTENCY_KEY", known["INVSYS_REQUIRE_IDEMPOTENCY_KEY"]),
        actor_header=known["INVSYS_ACTOR_HEADER"],
        kinds_file=known["INVSYS_KINDS_FILE"],
    )


def _number(name: str, text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise InvalidValueError(name, "bad_number", f"must be a whole number from {low} to {high}, not {text!r}")
    return int(text)


def _yes(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise InvalidValueError(name, "bad_flag", f"must be true or false, not {text!r}")
    return text == "true"
