"""A gateway in small: follows the feed by its document alone, remembers in a file, and refuses what breaks a promise.

    python -m accounts_harness.following BASE_URL TOKEN_FILE STATE_FILE

It knows nothing of accounts' code. Killed at any moment, it goes on from its file. At the first gap, repetition or
reorder it says so and exits 3.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import httpx

BROKEN = 3


class BrokenPromiseError(Exception):
    """The feed is not what its document says."""


def follow(http: httpx.Client, file: Path) -> None:
    """Follow until killed."""
    state = json.loads(file.read_text()) if file.exists() else snapshot(http)
    while True:
        keep(file, state)
        try:
            answer = http.get(
                "/internal/v1/changes", params={"epoch": state["epoch"], "after": state["seq"], "wait": 2}
            )
        except httpx.TransportError:
            time.sleep(0.05)
            continue
        if answer.status_code == 503:
            time.sleep(0.05)
            continue
        if answer.status_code != 200:
            raise BrokenPromiseError(f"after {state['seq']}: {answer.status_code} {answer.text}")
        apply(state, answer.json())


def snapshot(http: httpx.Client) -> dict[str, Any]:
    """A state from a snapshot."""
    lines = http.get("/internal/v1/snapshot").text.strip("\n").split("\n")
    head = json.loads(lines[0])
    if len(lines) != head["records"] + 1:
        raise BrokenPromiseError("the snapshot was cut off")
    found = [json.loads(line) for line in lines[1:]]
    records = {f"{one['kind']} {one['id']}": one["record"] for one in found}
    return {"epoch": head["epoch"], "seq": head["seq"], "records": records}


def apply(state: dict[str, Any], answer: dict[str, Any]) -> None:
    """Apply changes to a state. Raises BrokenPromiseError."""
    for change in answer["changes"]:
        if change["seq"] != state["seq"] + 1:
            raise BrokenPromiseError(f"{change['seq']} follows {state['seq']}")
        state["seq"] = change["seq"]
        name = f"{change['kind']} {change['id']}"
        if change["record"] is None:
            state["records"].pop(name, None)
        else:
            state["records"][name] = change["record"]
    if answer["seq"] != state["seq"]:
        raise BrokenPromiseError(f"the answer says {answer['seq']} and ends at {state['seq']}")


def keep(file: Path, state: dict[str, Any]) -> None:
    """Write the state as one act."""
    new = file.with_suffix(".new")
    new.write_text(json.dumps(state))
    new.replace(file)


if __name__ == "__main__":
    headers = {"Authorization": f"Bearer {Path(sys.argv[2]).read_text().strip()}"}
    try:
        with httpx.Client(base_url=sys.argv[1], timeout=60, headers=headers) as client:
            follow(client, Path(sys.argv[3]))
    except BrokenPromiseError as error:
        print(error)
        sys.exit(BROKEN)
