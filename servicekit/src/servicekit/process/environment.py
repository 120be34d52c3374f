"""Settings: environment variables that begin with the program's name, all with defaults that work."""

from collections.abc import Mapping

from servicekit.core.errors import SettingError


class Environment:
    """Reads the variables named PREFIX_*; whichever is not asked for is a mistake, which `finish` tells."""

    def __init__(self, environ: Mapping[str, str], prefix: str) -> None:
        self._environ = environ
        self._prefix = prefix
        self._known: set[str] = set()

    def text(self, name: str, default: str) -> str:
        """The value of PREFIX + `name`."""
        self._known.add(self._prefix + name)
        return self._environ.get(self._prefix + name, default)

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number. Raises SettingError."""
        text = self.text(name, str(default))
        if not (text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high):
            detail = f"must be a whole number from {low} to {high}, not {text[:80]!r}"
            raise SettingError(self._prefix + name, detail)
        return int(text)

    def flag(self, name: str, default: bool) -> bool:
        """`true` or `false`. Raises SettingError."""
        text = self.text(name, "true" if default else "false")
        if text not in ("true", "false"):
            raise SettingError(self._prefix + name, f"must be true or false, not {text[:80]!r}")
        return text == "true"

    def finish(self) -> None:
        """Raises SettingError for a variable of the prefix that is no setting."""
        unknown = sorted(name for name in self._environ if name.startswith(self._prefix) and name not in self._known)
        if unknown:
            raise SettingError(unknown[0], f"is not a setting; there are {', '.join(sorted(self._known))}")
