"""The command `accounts`. Exit status: 0 fine, 1 problems found, 2 usage."""

import argparse
import sys
from collections.abc import Sequence

from accounts.cli import (
    admin,
    audit,
    bootstrap,
    can,
    client,
    gateway,
    grant,
    key,
    migrate,
    oauth,
    pepper,
    plan,
    role,
    secret,
    serve,
    signing_key,
    verify,
)
from accounts.cli.running import complain
from accounts.domain import errors
from servicekit.core.errors import ServiceError
from servicekit.process.terminal import run_piped

COMMANDS = (
    *(serve, migrate, bootstrap, client, key, grant, role, plan, can, gateway, admin, pepper),
    *(oauth, secret, signing_key, audit, verify),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status; an expected failure is one line on stderr."""
    parser = argparse.ArgumentParser(
        prog="accounts", description="Client accounts: who may call, with what, to do which."
    )
    subcommands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.register(subcommands)
    given = sys.argv[1:] if arguments is None else arguments
    if any("\ud800" <= letter <= "\udfff" for text in given for letter in text):  # no database could keep it
        parser.error("an argument is no UTF-8 text")
    options = parser.parse_args(given)
    try:
        return run_piped(lambda: int(options.run(options)))
    except (errors.AccountsError, ServiceError) as error:
        complain(sentence(error))
        return 1
    except KeyboardInterrupt:
        complain("interrupted")
        return 130


def sentence(error: Exception) -> str:
    """A refusal in one line."""
    match error:
        case errors.InvalidValueError():
            return f"{error.field} {error.detail}"
        case errors.NotFoundError():
            return f"there is no {error.what} {error.ident!r}"
        case errors.DuplicateNameError():
            return f"another {error.what} is named {error.name!r}: choose another name"
        case errors.StateConflictError() | errors.PepperUnavailableError():
            return error.detail
    return str(error)
