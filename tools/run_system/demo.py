"""`python -m run_system.demo STATE`: accounts bootstrapped, and a client whose key is printed for everybody to paste.

What was made by an earlier run is left alone, so that a second `make run` shows the same key.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from run_system.plan import GATEWAY_TOKEN, script

CLIENT = "demo"
GRANTS = (("inventory/cars/**", "read", "create", "update", "delete"),)  # no lorries: they show what 403 looks like


def main(state: Path) -> None:
    accounts("bootstrap", "--if-needed", "--gateway-file", str(state / GATEWAY_TOKEN))
    key_file = state / "demo.key"
    if key_file.exists():
        return
    accounts("client", "create", CLIENT, "--if-absent")
    for grant in GRANTS:
        accounts("grant", "add", CLIENT, *grant)
    key = accounts("key", "create", CLIENT, "--name", "make run")["key"]
    with os.fdopen(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key + "\n")


def accounts(*command: str) -> Any:
    """Run one command of accounts; what it says of itself goes to the log, its answer is returned."""
    ran = subprocess.run([script("accounts"), *command, "--json"], stdout=subprocess.PIPE, text=True, check=False)
    if ran.returncode:
        sys.exit(ran.returncode)
    return json.loads(ran.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
