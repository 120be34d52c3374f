"""`accounts audit`: what was done by whom, and proof that nobody altered it since."""

import argparse
import json
import re
import sys

from accounts.cli.running import add_json, ready_services, say, say_json, say_table
from accounts.domain.errors import InvalidValueError
from accounts.service import auditing
from accounts.service.ports import AuditQuery
from accounts.service.snapshots import entry_snapshot

_ANCHOR = re.compile(r"(\d{1,18}):([0-9a-f]{64})", re.ASCII)


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its own."""
    acts = subcommands.add_parser("audit", help="read the audit, and prove it").add_subparsers(
        metavar="ACT", required=True
    )
    listing = acts.add_parser("list", help="the newest entries, the newest first")
    listing.add_argument("--subject", help="of one thing, such as a client's id")
    listing.add_argument("--actor", help="of one who acted")
    listing.add_argument("--limit", type=int, default=50)
    listing.set_defaults(run=run_list)
    verify = acts.add_parser("verify", help="prove that no entry was altered, removed or put in between")
    verify.add_argument(
        "--anchor", metavar="SEQ:SEAL", help="as an earlier verify printed it: proves that nothing was cut off since"
    )
    verify.set_defaults(run=run_verify)
    for parser in (listing, verify):
        add_json(parser)


def run_list(options: argparse.Namespace) -> int:
    """List entries."""
    query = AuditQuery(min(max(options.limit, 1), sys.maxsize), options.subject, options.actor)
    with ready_services() as services:
        rows = [entry_snapshot(entry) for entry in services.store.read(lambda tx: tx.audit.page(query))]
    if options.json:
        say_json(rows)
    else:
        short = [{**row, "details": json.dumps(row["details"])[:60]} for row in rows]
        say_table(short, ("seq", "at", "actor", "type", "subject", "details"))
    return 0


def run_verify(options: argparse.Namespace) -> int:
    """Verify the chain; 1 when it is broken."""
    anchor = _anchor(options.anchor)
    with ready_services() as services:
        proof = services.store.read(lambda tx: auditing.verify(tx, anchor))
    count, seal = proof.count, proof.seal
    if options.json:
        say_json({"entries": count, "seal": seal, "problems": list(proof.problems)})
    else:
        for problem in proof.problems:
            say(problem)
        say(
            f"{len(proof.problems)} problems" if proof.problems else f"{count} entries, unbroken; anchor {count}:{seal}"
        )
    return 1 if proof.problems else 0


def _anchor(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    found = _ANCHOR.fullmatch(text)
    if found is None:
        raise InvalidValueError("--anchor", "bad_anchor", "must be SEQ:SEAL, as `accounts audit verify` prints it")
    return int(found[1]), found[2]
