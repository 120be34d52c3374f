"""Configs from disk: one file, or a directory of files that make up one. Each way to fail is one line with a hint."""

from __future__ import annotations

import difflib
import errno
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from moongate.cli.python_config import read_python
from moongate.compile.compiler import JUDGES, compile_config
from moongate.config import MAX_CONFIG_BYTES, Config, ConfigInvalid, Environment, Problem, parse_parts, text_problems
from moongate.control.watch import stamp_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moongate.compile import Snapshot
    from moongate.control.watch import Stamp

DEFAULT_CONFIG: Final = "gateway.yaml"
CONFIG_HELP: Final = (
    f"the config, a file (YAML, TOML or Python) or a directory of files that make up one (default: {DEFAULT_CONFIG})"
)
CASES_SUFFIX: Final = "_test.yaml"
_SUFFIXES: Final = (".yaml", ".yml", ".toml")
_PYTHON: Final = ".py"
_ATTRIBUTE: Final = re.compile(r"([\w./-]+?)(?:\.py)?:\w+")
_MAX_SECRET_BYTES: Final = 64 * 1024
_EXCERPT_CHARS: Final = 160


class Loaded(NamedTuple):
    """A config that is right, compiled; ``warnings`` of reading it."""

    config: Config
    snapshot: Snapshot
    warnings: list[Problem]


def load(path: str | None, files: ConfigFiles | None = None) -> Loaded:
    """The config at ``path`` (None: the default one), compiled. Raise `ConfigInvalid` with all problems; the warnings
    of reading are then in ``files``."""
    files = files or ConfigFiles()
    config = files.read(path or DEFAULT_CONFIG)
    return Loaded(config, compile_config(config, 1), files.warnings)


class ConfigFiles:
    """Reads configs; ``warnings`` gathers what is not wrong enough to refuse, such as secrets that anybody may read;
    ``stamps`` are those of every file and directory, from before it was read."""

    def __init__(self, variables: Mapping[str, str] = os.environ) -> None:
        self.warnings: list[Problem] = []
        self.stamps: dict[str, Stamp] = {}
        self._variables = variables
        self._texts: dict[str, bytes] = {}

    def read(self, path: str) -> Config:
        """The config at ``path``. Raise `ConfigInvalid` with all problems, unreadable files among them."""
        parts: list[tuple[bytes | str, str]] = []
        problems: list[Problem] = []
        self.stamps[path] = stamp_of(path)
        try:
            names = _part_names(path)
        except OSError as error:
            raise ConfigInvalid([Problem(path, 0, 0, f"cannot be read: {error.strerror}")]) from None
        for name in names:
            self.stamps[name] = stamp_of(name)
            try:
                self._texts[name] = read_bytes(name, MAX_CONFIG_BYTES + 1)
                parts.append((self._texts[name], name))
            except OSError as error:
                problems.append(Problem(name, 0, 0, _reason(error, name)))
        if problems:
            raise ConfigInvalid([*problems, *text_problems(parts)])
        environment = Environment(self._variables.get, self._secret)
        if path.endswith(_PYTHON) and isinstance(source := parts[0][0], bytes):
            return read_python(source, path, JUDGES, environment)
        return parse_parts(parts, JUDGES, environment)

    def _secret(self, source: str, path: str) -> str:
        """The text of a file that a config names, relative to the config, without the newline at its end."""
        name = str(Path(source).parent / path)
        self.stamps[name] = stamp_of(name)
        try:
            raw = read_bytes(name, _MAX_SECRET_BYTES + 1)
            if Path(name).stat().st_mode & stat.S_IROTH:
                message = f"{name}: everybody may read it: chmod o-r"
                self.warnings += self._where_named(source, path, message, "secret-readable")
        except OSError as error:
            raise ValueError(error.strerror or str(error)) from None
        if len(raw) > _MAX_SECRET_BYTES:
            raise ValueError(f"larger than {_MAX_SECRET_BYTES // 1024} KiB, which no secret is")
        try:
            return raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            raise ValueError("not UTF-8") from None

    def _where_named(self, source: str, path: str, message: str, code: str) -> list[Problem]:
        """``message`` at each line of the config that names the file, not said before."""
        text = self._texts[source].decode("utf-8-sig", "replace")
        named = f"${{file:{path}}}"
        places = [(n, line, line.find(named) + 1) for n, line in enumerate(text.splitlines(), 1) if named in line]
        found = [Problem(source, n, col, message, line[:_EXCERPT_CHARS], code) for n, line, col in places]
        return [each for each in found or [Problem(source, 0, 0, message, code=code)] if each not in self.warnings]


def read_bytes(path: str, limit: int) -> bytes:
    """At most ``limit`` bytes of a regular file; raise OSError for all else."""
    try:
        # Not blocking: a FIFO without writer would hold the command forever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except ValueError as error:
        raise OSError(errno.EINVAL, str(error)) from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "is no regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(limit)
    finally:
        os.close(descriptor)


def _part_names(path: str) -> list[str]:
    """The files that make up the config at ``path``, in order."""
    if not Path(path).is_dir():
        return [path]
    found = sorted(str(each) for each in Path(path).iterdir() if _is_part(each.name))
    if not found:
        raise ConfigInvalid([Problem(path, 0, 0, f"holds no config: files that end in {', '.join(_SUFFIXES)}")])
    return found


def _is_part(name: str) -> bool:
    return name.endswith(_SUFFIXES) and not name.startswith(".") and not name.endswith(CASES_SUFFIX)


def _reason(error: OSError, path: str) -> str:
    if error.errno == errno.EINVAL:
        return error.strerror or str(error)
    if not isinstance(error, FileNotFoundError):
        return f"cannot be read: {error.strerror}"
    if attribute := _ATTRIBUTE.fullmatch(path):
        return f"a config in Python is named by its file, {attribute[1].replace('.', '/')}.py, which makes a Gateway"
    hint = "to try the gateway without a config: moongate run --to http://127.0.0.1:8000"
    if Path(path).is_symlink():
        return f"is a link to {Path(path).readlink()}, which is not there"
    folder = Path(path).parent
    try:
        siblings = [each.name for each in folder.iterdir() if _is_part(each.name)]
    except OSError:
        siblings = []
    near = difflib.get_close_matches(Path(path).name, siblings, n=1)
    if near:
        return f"no such file, did you mean {folder / near[0]}?"
    try:
        where = f" in {Path.cwd().name or '/'}/" if path == DEFAULT_CONFIG else ""
    except FileNotFoundError:  # somebody removed it
        where = " in a directory that is no longer there"
    return f"no such file{where}; {hint}"
