"""`python -m run_system`, behind `make run`."""

import argparse
import sys
from pathlib import Path

from run_system.launcher import launch
from run_system.plan import ROOT, Ports, system


def port(text: str) -> int:
    """Argparse shows the message of this error."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return int(text)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make run", description="Start the whole system on this machine.")
    usual = Ports()
    parser.add_argument("--port", type=port, default=usual.gateway, help="of the gateway (make run PORT=...)")
    parser.add_argument("--invsys-port", type=port, default=usual.invsys, help="of invsys (PORT_INVSYS=...)")
    parser.add_argument("--accounts-port", type=port, default=usual.accounts, help="of accounts (PORT_ACCOUNTS=...)")
    parser.add_argument("--state", type=Path, default=ROOT / "var", help="keeps the database and the logs (STATE=...)")
    given = parser.parse_args()
    state = given.state.resolve()  # its path goes into a database URL
    return launch(system(Ports(given.port, given.invsys_port, given.accounts_port), state), say)


def say(line: str) -> None:
    try:
        print(line, flush=True)
    except OSError:
        pass  # the terminal is gone; the children are stopped all the same


if __name__ == "__main__":
    sys.exit(main())
