"""`accounts bootstrap`: the first admin, the peppers, the credential of the first gateway. Once only."""

import argparse
import errno
import os
import tempfile
from pathlib import Path

from accounts.cli.running import add_json, complain, origin, ready_services, say, say_json
from accounts.domain.errors import InvalidValueError
from accounts.service import bootstrapping


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    text = "once: make the pepper file, the first admin with a token, and the credential of a gateway"
    parser = subcommands.add_parser("bootstrap", help=text)
    default = Path("gateway.token")
    parser.add_argument(
        "--gateway-file", type=Path, default=default, help=f"where the gateway's credential goes (default {default})"
    )
    parser.add_argument("--if-needed", action="store_true", help="status 0, and nothing done, when it was done before")
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Bootstrap; the admin's token is printed here and never again."""
    with ready_services() as services:
        if services.store.read(bootstrapping.is_done):
            if options.json:
                say_json({"bootstrapped": False})
            else:
                complain("this database was bootstrapped before: its admins let others in")
            return 0 if options.if_needed else 1
        # The file first: a credential that could not be kept would be lost for good.
        number, kept = _create(options.gateway_file)
        try:
            with os.fdopen(number, "w", encoding="ascii") as file:
                made = bootstrapping.bootstrap(services.store, services.peppers, services.clock(), origin())
                file.write(made.gateway_token + "\n")
            kept.rename(options.gateway_file)
        except BaseException:
            kept.unlink(missing_ok=True)
            raise
    if options.json:
        where = str(options.gateway_file)
        say_json({"bootstrapped": True, "admin_token": made.admin_token, "gateway_file": where})
        return 0
    say(f"admin token, shown once: {made.admin_token}")
    say(f"credential of the gateway: {options.gateway_file}")
    say(f"peppers, to be backed up apart from the database: {services.settings.pepper_file}")
    return 0


def _create(path: Path) -> tuple[int, Path]:
    """A file beside `path` that takes its place once it is written: one left by who was killed is in nobody's way."""
    try:
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600 from its first octet on
        return number, Path(name)
    except OSError as error:
        raise InvalidValueError(str(path), "unwritable", f"cannot be made: {error.strerror}") from None
