"""The command line: choose, run, print, save, judge."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from benchmarks import machine, origin, wrk
from benchmarks.bars import judge
from benchmarks.model import UsageError
from benchmarks.peers.registry import PEERS
from benchmarks.processes import allow_files, turn_sigterm_into_exit
from benchmarks.progress import Progress
from benchmarks.report.page import Circumstances, disturbance
from benchmarks.report.save import save, update_readme
from benchmarks.report.table import cells, failures, plain_text, rows
from benchmarks.run import Plan, run
from benchmarks.scenarios import registry
from benchmarks.stand import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.model import Sample
    from benchmarks.peers.peer import Peer


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0 fine, 1 a bar missed or a gateway failed (with --check), 2 usage or a missing tool."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.list:
        _list()
        return 0
    try:
        plan = _plan(options)
    except UsageError as error:
        parser.error(str(error))
    turn_sigterm_into_exit()
    allow_files()
    os.sched_setaffinity(0, {plan.cores.load})  # this process and wrk stay off the gateway's core
    around = Circumstances(
        date=datetime.now(UTC).date().isoformat(),
        machine=machine.describe(),
        versions={peer.name: peer.version() for peer in plan.peers},
        rounds=plan.rounds,
        seconds=plan.window.measured,
    )
    try:
        samples = run(plan, Progress())
    except KeyboardInterrupt:
        print("\nstopped; nothing was saved", file=sys.stderr)
        return 130
    _print(plan, samples)
    for scenario in plan.scenarios:
        if not options.no_save:
            print("wrote", ", ".join(os.path.relpath(path) for path in save(scenario, samples, around)))
        if options.update_readme and not update_readme(scenario, samples, around):
            print(f"the README shows no table of {scenario.name}: it stays as it is")
    return int(options.check and not _is_clear(plan, samples))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="CPU per request beside other gateways.")
    parser.add_argument("scenario", nargs="*", help="one or more scenarios, or `all` (default: plain)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each gateway is measured (default: 5)")
    parser.add_argument("--seconds", type=int, default=3, help="length of one measured window (default: 3)")
    parser.add_argument("--peers", default="", help="only these gateways, names separated by commas")
    parser.add_argument("--check", action="store_true", help="exit 1 if a bar is missed, not measured, or a row failed")
    parser.add_argument("--no-save", action="store_true", help="leave benchmarks/results as it is")
    parser.add_argument("--update-readme", action="store_true", help="refresh the tables between the README's markers")
    parser.add_argument("--list", action="store_true", help="list scenarios and gateways, and stop")
    return parser


def _plan(options: argparse.Namespace) -> Plan:
    if options.rounds < 1 or options.seconds < 1:
        raise UsageError("--rounds and --seconds must be 1 or more")
    for tool, is_there in {"wrk": wrk.is_available(), "nginx-light": origin.is_available()}.items():
        if not is_there:
            raise UsageError(f"the benchmark cannot run without it: apt-get install {tool}")
    return Plan(
        scenarios=registry.choose(options.scenario),
        peers=_available([name.strip() for name in options.peers.split(",") if name.strip()]),
        rounds=options.rounds,
        window=Window(warm_up=1, measured=options.seconds),
        cores=machine.choose_cores(),
    )


def _available(wanted: list[str]) -> list[Peer]:
    """The gateways to measure; says which are absent and how to get them. Raises UsageError on an unknown name."""
    known = {peer.name.lower(): peer for peer in PEERS}
    unknown = [name for name in wanted if name.lower() not in known]
    if unknown:
        raise UsageError(f"no such gateway: {', '.join(unknown)}; there are: {', '.join(peer.name for peer in PEERS)}")
    chosen = [known[name.lower()] for name in wanted] or list(PEERS)
    for peer in chosen:
        if not peer.is_available():
            print(f"left out: {peer.name} is not installed; to have it: {peer.how_to_install}", file=sys.stderr)
    return [peer for peer in chosen if peer.is_available()]


def _list() -> None:
    for scenario in registry.SCENARIOS:
        print(f"{scenario.name:16} {scenario.explanation}")
    print()
    for peer in PEERS:
        print(f"{peer.name:16} {peer.version() if peer.is_available() else f'absent; {peer.how_to_install}'}")


def _print(plan: Plan, samples: Sequence[Sample]) -> None:
    for scenario in plan.scenarios:
        print(f"\n{scenario.title}: {scenario.explanation}\n")
        made = rows(scenario, samples)
        print(plain_text(cells(scenario, made)))
        print("", *failures(made), *judge(scenario, samples), disturbance(samples), sep="\n")
    print()


def _is_clear(plan: Plan, samples: Sequence[Sample]) -> bool:
    verdicts = [verdict for scenario in plan.scenarios for verdict in judge(scenario, samples)]
    return all(verdict.is_cleared for verdict in verdicts) and not any(sample.failure for sample in samples)
