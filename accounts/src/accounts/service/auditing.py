"""Proving the audit: that no entry was altered, removed, put in between, or cut off at the end."""

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.domain.audit import Entry, broken
from accounts.service.ports import Transaction


@dataclass(frozen=True, slots=True)
class Proof:
    """`problems` for people, none where the chain holds; `count` and `seal` are its last entry's, for noting down."""

    problems: tuple[str, ...]
    count: int
    seal: str


def verify(tx: Transaction, anchor: tuple[int, str] | None = None) -> Proof:
    """Read the whole audit. `anchor`, the number and seal of an earlier proof, has to be among the entries."""
    last: Entry | None = None
    is_met = anchor is None
    before = tx.audit.last()  # others may write while this reads

    def watched() -> Iterator[Entry]:
        nonlocal last, is_met
        for entry in tx.audit.all():
            last = entry
            is_met = is_met or (entry.seq, entry.seal) == anchor
            yield entry

    problems = [f"entry {seq} {detail}" for seq, detail in broken(watched())]
    count, seal = (0, "") if last is None else (last.seq, last.seal)
    made = tx.audit.last()
    if not before <= count <= made:
        problems.append(f"entry {count} is the last one, and {made} were made")
    if not is_met:
        problems.append("there is no entry with the anchor's number and seal")
    return Proof(tuple(problems), count, seal)
