"""A config that a Python file writes: run, and the `Gateway` that it made."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from moongate.config import MAX_CONFIG_BYTES, Config, ConfigInvalid, Environment, Gateway, Problem

if TYPE_CHECKING:
    from moongate.config.load import Judges

_EXCERPT_CHARS: Final = 160
_NONE: Final = "makes no Gateway: `from moongate.config import Gateway`, then `gateway = Gateway()`"


def read_python(source: bytes, path: str, judges: Judges, environment: Environment) -> Config:
    """The config of the Gateway in ``source``. Raise `ConfigInvalid` with all problems, those of running it among
    them.

    The file is run anew each time; modules that it imports are imported once, from its own directory too.
    """
    if len(source) > MAX_CONFIG_BYTES:
        raise ConfigInvalid([Problem(path, 0, 0, f"larger than {MAX_CONFIG_BYTES >> 20} MiB, which no config is")])
    try:
        code = compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise ConfigInvalid([_syntax_problem(error, path)]) from None
    except (MemoryError, RecursionError):
        raise ConfigInvalid([Problem(path, 0, 0, "not Python: nested too deeply")]) from None
    namespace: dict[str, Any] = {"__name__": Path(path).stem, "__file__": path}
    folder = str(Path(path).parent.resolve())
    sys.path.insert(0, folder)
    try:
        with contextlib.redirect_stdout(sys.stderr):  # stdout is for results, and for the access log
            exec(code, namespace)  # noqa: S102 - what the person asked for
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever somebody's code may raise
        raise ConfigInvalid([_raised(error, path, source)]) from None
    finally:
        with contextlib.suppress(ValueError):  # it may have taken it out itself
            sys.path.remove(folder)
    gateway = _gateway_in(namespace, path)
    return gateway.config(judges, environment, {path: source.decode("utf-8-sig", "replace")})


def _gateway_in(namespace: dict[str, Any], path: str) -> Gateway:
    named = namespace.get("gateway")
    if isinstance(named, Gateway):
        return named
    found = {name: value for name, value in namespace.items() if isinstance(value, Gateway)}
    if len({id(value) for value in found.values()}) == 1:
        return next(iter(found.values()))
    message = _NONE if not found else f"makes several: call the one that counts `gateway` ({', '.join(found)})"
    raise ConfigInvalid([Problem(path, 0, 0, message)])


def _syntax_problem(error: SyntaxError | ValueError, path: str) -> Problem:
    if not isinstance(error, SyntaxError) or error.filename != path:
        return Problem(path, 0, 0, f"not Python: {error}")
    excerpt = (error.text or "")[:_EXCERPT_CHARS].rstrip("\n")
    return Problem(path, error.lineno or 0, error.offset or 1, f"not Python: {error.msg}", excerpt)


def _raised(error: BaseException, path: str, source: bytes) -> Problem:
    """One line for an exception: the last line of the file itself that was run."""
    if isinstance(error, SyntaxError) and error.filename != path:
        name = os.path.relpath(error.filename or path)
        return Problem(name, error.lineno or 0, error.offset or 1, f"not Python: {error.msg}")
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    try:
        first = next(iter(str(error).splitlines()), "")
    except Exception:  # noqa: BLE001 - that is somebody's code as well
        first = ""
    message = f"{type(error).__name__}: {first}" if first else type(error).__name__
    if not frames or frames[-1].lineno is None:
        return Problem(path, 0, 0, message)
    lines = source.decode("utf-8-sig", "replace").splitlines()
    line = frames[-1].lineno
    return Problem(
        path, line, (frames[-1].colno or 0) + 1, message, lines[line - 1][:_EXCERPT_CHARS] if line <= len(lines) else ""
    )
