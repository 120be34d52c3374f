"""The audit: what was done by whom, each entry sealed with the one before it.

The seal of an entry is SHA-256 over the seal before and the entry itself, so that none can be altered, removed or put
in between without every later seal being wrong. That the newest ones were not cut off shows by comparing with a seal
noted elsewhere.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

BEGINNING = "0" * 64
"""What stands for the seal before the first entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`at` in microseconds; `topic` past tense, as in `key.created`; `details` never hold a secret."""

    seq: int
    at: int
    actor: str
    topic: str
    subject: str
    details: dict[str, Any]
    request_id: str
    seal: str = ""


def seal(entry: Entry, before: str) -> str:
    """The seal of an entry that follows the one sealed `before`."""
    members = [entry.seq, entry.at, entry.actor, entry.topic, entry.subject, entry.details, entry.request_id]
    text = json.dumps(members, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(f"{before}\n{text}".encode("ascii")).hexdigest()


def broken(entries: Iterable[Entry]) -> Iterator[tuple[int, str]]:
    """Each place where the chain does not hold: the number of an entry, and what is wrong with it."""
    expected, before = 1, BEGINNING
    for entry in entries:
        if entry.seq != expected:
            yield entry.seq, f"follows {expected - 1}: what was between is gone"
        elif entry.seal != seal(entry, before):
            yield entry.seq, "does not carry the seal of what it says and follows"
        expected, before = entry.seq + 1, entry.seal
