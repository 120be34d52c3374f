"""Config files from disk: every way to fail is one line that says what to do."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from moongate.compile import JUDGES
from moongate.config import MAX_CONFIG_BYTES, Config, ConfigInvalid, Problem, parse

DEFAULT_CONFIG = "gateway.yaml"


def read_config(path: str) -> Config:
    """The config at ``path``. Raise `ConfigInvalid` with all problems, an unreadable file among them."""
    return parse(_read(path), path, JUDGES)


def _read(path: str) -> bytes:
    try:
        # Not blocking: a FIFO without writer would hold the command forever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ConfigInvalid([Problem(path, 0, 0, "is no regular file")])
            return file.read(MAX_CONFIG_BYTES + 1)
    except FileNotFoundError:
        raise ConfigInvalid([Problem(path, 0, 0, _absent(path))]) from None
    except IsADirectoryError:
        raise ConfigInvalid([Problem(path, 0, 0, "is a directory: name the file in it")]) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigInvalid([Problem(path, 0, 0, f"cannot be read: {reason}")]) from None


def _absent(path: str) -> str:
    hint = "to try the gateway without a config: moongate run --to http://127.0.0.1:8000"
    if Path(path).name == path == DEFAULT_CONFIG:
        return f"no such file in {Path.cwd().name or '/'}/; {hint}"
    return f"no such file; {hint}"
