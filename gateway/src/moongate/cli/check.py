"""``moongate check``: what is wrong, and what is allowed but worth a second look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moongate.cli.files import CONFIG_HELP, DEFAULT_CONFIG, ConfigFiles, load
from moongate.cli.terminal import FINE, PROBLEMS, complain_of, counted, plain, say, say_json
from moongate.cli.tls_files import tls_warnings
from moongate.compile.lint import CODES, lint
from moongate.config import ConfigInvalid

if TYPE_CHECKING:
    import argparse

    from moongate.config import Problem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("config", nargs="?", metavar="CONFIG", help=CONFIG_HELP)
    parser.add_argument("--json", action="store_true", help="print the problems as JSON")
    parser.add_argument("--codes", action="store_true", help="list the codes of warnings and how to silence one")


def run(options: argparse.Namespace) -> int:
    """1 where anything is left to say. A warning is silenced by a comment on or above its line."""
    if options.codes and options.json:
        say_json(CODES)
        return FINE
    if options.codes:
        for code, meaning in CODES.items():
            say(f"{code:20} {meaning}")
        say("\nTo silence one, on its line or alone above it:  # moongate: allow CODE because REASON")
        return FINE
    path = options.config or DEFAULT_CONFIG
    problems, summary = _problems(path)
    if options.json:
        say_json({"problems": plain(problems)})
    elif problems:
        complain_of(problems)
    else:
        say(f"{path}: fine ({summary})")
    return PROBLEMS if problems else FINE


def _problems(path: str) -> tuple[list[Problem], str]:
    """Everything there is to say, or how much there is that is right."""
    files = ConfigFiles()
    try:
        loaded = load(path, files)
    except ConfigInvalid as invalid:
        return [*invalid.problems, *files.warnings], ""
    snapshot = loaded.snapshot
    summary = f"{counted(len(snapshot.routes), 'route')}, {counted(len(snapshot.services), 'service')}"
    files_warnings = [*loaded.warnings, *tls_warnings(loaded.config, snapshot)]
    return lint(loaded.config, snapshot, files_warnings), summary
