"""`accounts oauth`: what a client may have as a token, and the public keys of its assertions."""

import argparse
import json
from pathlib import Path
from typing import Any

from accounts.cli.client import find
from accounts.cli.running import add_json, origin, ready_services, say_json, say_members
from accounts.domain.errors import InvalidValueError
from accounts.domain.oauth import Profile
from accounts.service import profiles
from accounts.service.ports import Transaction
from accounts.service.profiles import profile_snapshot
from servicekit.core.values import ANY

MAX_OCTETS = 64 * 1024


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subcommands.add_parser("oauth", help="show or set the scopes and public keys of a client")
    parser.add_argument("client", help="id or name of the client")
    parser.add_argument("--scope", action="append", help="once for each it may have, in place of all it had")
    parser.add_argument("--jwks", type=Path, metavar="FILE", help="a JWK set: the public keys of its assertions")
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Set what is given, and show the result."""
    patch: dict[str, Any] = {}
    if options.scope is not None:
        patch["scopes"] = tuple(options.scope)
    if options.jwks is not None:
        patch["jwks"] = _read(options.jwks)
    with ready_services() as services:
        jose = services.oauth.jose

        def work(tx: Transaction) -> Profile:
            ident = find(tx, options.client).id
            return profiles.change(tx, ident, patch, ANY, jose) if patch else profiles.find(tx, ident)

        profile = services.store.write(work, origin())
    (say_json if options.json else say_members)(profile_snapshot(profile))
    return 0


def _read(path: Path) -> Any:
    try:
        with path.open("rb") as source:
            return json.loads(source.read(MAX_OCTETS))
    except OSError as error:
        raise InvalidValueError(str(path), "unreadable", f"cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise InvalidValueError(str(path), "bad_json", "is no JSON") from None
