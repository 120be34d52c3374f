"""`python -m run_system.demo STATE`: accounts bootstrapped, and a client whose key is printed for everybody to paste.

What was made by an earlier run is left alone, so that a second `make run` shows the same key.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from run_system.plan import ADMIN_TOKEN, DEMO_KEY, GATEWAY_TOKEN, script

CLIENT = "demo"
GRANTS = (("inventory/cars/**", "read", "create", "update", "delete"),)  # no lorries: they show what 403 looks like


def main(state: Path) -> None:
    made = accounts("bootstrap", "--if-needed", "--gateway-file", str(state / GATEWAY_TOKEN))
    if not (state / ADMIN_TOKEN).exists():
        keep(state / ADMIN_TOKEN, made.get("admin_token") or accounts("admin", "token", "admin")["token"])
    if (state / DEMO_KEY).exists():
        return
    accounts("client", "create", CLIENT, "--if-absent")
    for grant in GRANTS:
        accounts("grant", "add", CLIENT, *grant)
    keep(state / DEMO_KEY, accounts("key", "create", CLIENT, "--name", "make run")["key"])


def keep(path: Path, secret: str) -> None:
    """Write a new file that its owner alone can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret + "\n")


def accounts(*command: str) -> Any:
    """Run one command of accounts; what it says of itself goes to the log, its answer is returned."""
    ran = subprocess.run([script("accounts"), *command, "--json"], stdout=subprocess.PIPE, text=True, check=False)
    if ran.returncode:
        sys.exit(ran.returncode)
    return json.loads(ran.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
