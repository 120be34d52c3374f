"""What subcommands share: services with a schema, who acts, and output for people and for scripts."""

import argparse
import getpass
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from accounts.bootstrap.settings import load_settings
from accounts.bootstrap.wiring import Services, build_services
from accounts.domain.errors import InvalidValueError
from servicekit.core.errors import StoreUnavailableError
from servicekit.core.values import Origin

T = TypeVar("T")

PAGE = 500
_DURATION = re.compile(r"(\d{1,9})([smhd])", re.ASCII)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@contextmanager
def ready_services() -> Iterator[Services]:
    """Services on a database that has the schema. Raises StoreUnavailableError when it has not."""
    services = build_services(load_settings(os.environ))
    try:
        trouble = services.schema_problem()
        if trouble is not None:
            raise StoreUnavailableError(trouble)
        yield services
    finally:
        services.close()


def origin() -> Origin:
    """Who acts, for the audit: whoever is signed in to this machine."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container may run a user that has no name
        user = str(os.getuid())
    return Origin(actor=f"cli:{user}")


def add_json(parser: argparse.ArgumentParser) -> None:
    """The option `--json`."""
    parser.add_argument("--json", action="store_true", help="for scripts: one JSON value on stdout")


def say(text: str) -> None:
    """One line of result, on stdout."""
    print(text)  # noqa: T201


def complain(text: str) -> None:
    """One line of trouble, on stderr."""
    print(f"accounts: {text}", file=sys.stderr)  # noqa: T201


def say_json(value: Any) -> None:
    """A result for scripts."""
    say(json.dumps(value, ensure_ascii=False))


def say_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Rows for people: a line each, columns aligned, what is absent as `-`."""
    lines = [[column.replace("_", " ").upper() for column in columns]]
    lines += [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    for line in lines:
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def say_members(members: Mapping[str, Any]) -> None:
    """One thing for people: a line for each member."""
    width = max(len(name) for name in members)
    for name, value in members.items():
        say(f"{name.replace('_', ' ').ljust(width)}  {_cell(value)}")


def every(page: Callable[[str], Sequence[T]], ident: Callable[[T], str]) -> list[T]:
    """All of a list; `page` gives the rows that follow an id."""
    found: list[T] = []
    while rows := page(ident(found[-1]) if found else ""):
        found += rows
    return found


def parse_time(field: str, text: str | None, now: int) -> int | None:
    """Seconds since 1970 of an RFC 3339 time, or of a span from now such as 30d. Raises InvalidValueError."""
    if text is None:
        return None
    if span := _DURATION.fullmatch(text):
        return now // 1_000_000 + int(span[1]) * _UNITS[span[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        detail = "must be a span such as 30d, 12h, 15m or 90s, or a time such as 2027-01-31T00:00:00Z"
        raise InvalidValueError(field, "bad_time", detail)
    return int(moment.timestamp())


def parse_pairs(field: str, texts: Sequence[str]) -> dict[str, str]:
    """`key=value` texts as a dict. Raises InvalidValueError."""
    pairs = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise InvalidValueError(field, "bad_pair", f"must be key=value, not {text!r}")
        pairs[key] = value
    return pairs


def _cell(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "-"
    if isinstance(value, Mapping):
        return " ".join(f"{key}={_cell(member)}" for key, member in value.items())
    if isinstance(value, list | tuple):
        return ",".join(_cell(member) for member in value)
    return str(value)
