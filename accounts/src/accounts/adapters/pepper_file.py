"""The pepper file: JSON of mode 0600, outside of the database and of its backups.

    {"peppers": {"1": "base64url of 32 octets", "2": "..."}}

Every process of one database has the same file. It is replaced whole by a rename, so that a reader never sees half of
it, and read anew when it has changed, so that a rotation needs no restart.
"""

import base64
import binascii
import fcntl
import json
import os
import secrets
import stat
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from accounts.domain.credentials import PEPPER_OCTETS, Pepper
from accounts.domain.errors import PepperUnavailableError
from accounts.service.records import base64url

MAX_OCTETS = 64 * 1024


class PepperFile:
    """The port `Peppers` on a file. Safe for threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._peppers: dict[int, Pepper] = {}

    def all(self) -> Mapping[int, Pepper]:
        with self._lock:
            try:
                found = self._path.stat()
                seen = (found.st_mtime_ns, found.st_ino, found.st_size)
                if seen != self._seen:
                    self._peppers = self._read(found)
                    self._seen = seen
            except OSError as error:
                raise self._trouble(
                    f"cannot be read: {error.strerror}: run `accounts bootstrap`, or restore it"
                ) from None
            return self._peppers

    def current(self) -> Pepper:
        return max(self.all().values(), key=lambda pepper: pepper.version)

    def create(self) -> bool:
        with self._alone():
            if self._path.exists():
                return False
            self._write({1: _fresh(1)})
            return True

    def add(self) -> Pepper:
        with self._alone():
            held = dict(self.all())
            made = _fresh(max(held) + 1)
            self._write({**held, made.version: made})
            return made

    def remove(self, version: int) -> None:
        with self._alone():
            held = dict(self.all())
            held.pop(version, None)
            self._write(held)

    def _read(self, found: os.stat_result) -> dict[int, Pepper]:
        if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise self._trouble(f"can be read by others: chmod 600 {self._path}")
        if found.st_size > MAX_OCTETS:
            raise self._trouble("is too large to be one")
        try:
            members = json.loads(self._path.read_text(encoding="utf-8"))["peppers"]
            peppers = {int(version): Pepper(int(version), _decode(text)) for version, text in members.items()}
        except (ValueError, KeyError, TypeError, AttributeError):  # the text of these could quote a secret
            raise self._trouble("is no pepper file: restore it from its backup") from None
        if not peppers or min(peppers) < 1:
            raise self._trouble("holds no pepper: restore it from its backup")
        return peppers

    def _write(self, peppers: Mapping[int, Pepper]) -> None:
        members = {str(version): base64url(pepper.secret) for version, pepper in sorted(peppers.items())}
        document = json.dumps({"peppers": members}, indent=2) + "\n"
        try:
            # mkstemp makes it 0600 from its first octet on.
            number, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
            try:
                with os.fdopen(number, "w", encoding="utf-8") as file:
                    file.write(document)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self._path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            _sync_directory(self._path.parent)
        except OSError as error:
            raise self._trouble(f"cannot be written: {error.strerror}") from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time, also among processes; the lock lies beside the file, whose inode changes."""
        try:
            number = os.open(self._path.parent, os.O_RDONLY)
        except OSError as error:
            raise self._trouble(f"cannot be written: {error.strerror}") from None
        try:
            fcntl.flock(number, fcntl.LOCK_EX)
            yield
        finally:
            os.close(number)

    def _trouble(self, detail: str) -> PepperUnavailableError:
        return PepperUnavailableError(f"the pepper file {self._path} {detail}")


def _fresh(version: int) -> Pepper:
    return Pepper(version, secrets.token_bytes(PEPPER_OCTETS))


def _decode(text: Any) -> bytes:
    if not isinstance(text, str):
        raise ValueError("not a text")
    try:
        octets = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("not base64url") from None
    if len(octets) != PEPPER_OCTETS:
        raise ValueError("another length")
    return octets


def _sync_directory(directory: Path) -> None:
    number = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
