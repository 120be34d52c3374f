"""`invsys kind add|load|list`: the kinds of resource that this installation has."""

import argparse
import json
from pathlib import Path
from typing import Any

from invsys.bootstrap.wiring import Services
from invsys.cli.running import complain, ready_services, say
from invsys.domain.errors import InvalidValueError, StateConflictError
from invsys.domain.kind import Kind
from invsys.service import kinds
from invsys.service.kind_files import build_kind, read_kinds


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its own."""
    acts = subcommands.add_parser("kind", help="list, add or change kinds of resource").add_subparsers(
        metavar="ACT", required=True
    )
    acts.add_parser("list", help="one line for each kind").set_defaults(run=run_list)
    add = acts.add_parser("add", help="add a kind, or change the attributes schema of one")
    add.add_argument("code", help="its name in data, such as court")
    add.add_argument("plural", help="its name in paths, such as courts")
    add.add_argument("--slot", help="length of a slot, such as 30m: makes an interval kind")
    add.add_argument("--anchor", help="a time at which a slot begins (default 1970-01-01T00:00:00Z)")
    add.add_argument("--schema", type=Path, help="file with a JSON Schema for the attributes")
    add.set_defaults(run=run_add)
    load = acts.add_parser("load", help="add or change every [[kind]] of a TOML file, all or none")
    load.add_argument("file", type=Path)
    load.set_defaults(run=run_load)


def run_list(_options: argparse.Namespace) -> int:
    """Print the kinds."""
    with ready_services() as services:
        for kind in services.kinds.all():
            slot = "" if kind.slot is None else f" slots of {kind.slot // 1_000_000} s"
            schema = "" if kind.attributes_schema is None else " with an attributes schema"
            say(f"{kind.code} /api/{kind.plural} {kind.mode}{slot}{schema}")
    return 0


def run_add(options: argparse.Namespace) -> int:
    """Add one kind, or change one: a schema that is not given stays what it was."""
    given = {"code": options.code, "plural": options.plural, "slot": options.slot, "anchor": options.anchor}
    table: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if options.schema is not None:
        table["attributes_schema"] = _json(options.schema)
    with ready_services() as services:
        if options.schema is None:
            before = next((kind for kind in services.kinds.all() if kind.code == options.code), None)
            table["attributes_schema"] = None if before is None else before.attributes_schema
        return put_all(services, [build_kind(table)])


def run_load(options: argparse.Namespace) -> int:
    """Add the kinds of a file."""
    with ready_services() as services:
        return put_all(services, read_kinds(read_text(options.file)))


def put_all(services: Services, wanted: list[Kind]) -> int:
    """Add or change kinds in one transaction, and return the exit status."""

    def work(tx: Any) -> None:
        for kind in wanted:
            kinds.put(tx, kind)

    try:
        services.store.write(work)
    except StateConflictError as error:
        complain(error.detail)
        return 1
    return 0


def read_text(path: Path) -> str:
    """The text of a file. Raises InvalidValueError when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is no UTF-8 text"
        raise InvalidValueError(str(path), "unreadable", f"cannot be read: {reason}") from None


def _json(path: Path) -> Any:
    try:
        return json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise InvalidValueError(str(path), "bad_json", f"is no JSON: {error}") from None
