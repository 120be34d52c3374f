"""``moongate test``: cases beside the config, decided without a socket; says which routes no case reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moongate.cli.cases import cases_files, load_cases
from moongate.cli.files import CASES_SUFFIX
from moongate.cli.terminal import FINE, PROBLEMS, complain, complain_of, counted, plain, say, say_json
from moongate.compile.cases import CaseResult, run_cases
from moongate.config import ConfigInvalid, Problem

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    help_text = f"a file of cases, or a directory of files *{CASES_SUFFIX} (default: the working directory)"
    parser.add_argument("paths", nargs="*", metavar="PATH", help=help_text)
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def run(options: argparse.Namespace) -> int:
    """1 where a case fails, a file is wrong, or there is none."""
    paths = cases_files(options.paths)
    if not paths:
        none = Problem("moongate test", 0, 0, f"no file *{CASES_SUFFIX} here")
        if options.json:
            _say_json([], [none], {})
        else:
            complain(str(none))
        return PROBLEMS
    results: list[CaseResult] = []
    problems: list[Problem] = []
    unreached: dict[str, set[str]] = {}
    for path in paths:
        try:
            loaded = load_cases(path)
        except ConfigInvalid as invalid:
            problems += invalid.problems
            continue
        ran = list(run_cases(loaded.cases, loaded.ground))
        results += ran
        routes = {route.name for route in loaded.snapshot.routes}
        reached = {result.route for result in ran}
        unreached[loaded.config_path] = unreached.get(loaded.config_path, routes) - reached
    if options.json:
        _say_json(results, problems, unreached)
    else:
        _say(results, problems, unreached)
    return PROBLEMS if problems or any(result.problems for result in results) else FINE


def _say(results: list[CaseResult], problems: list[Problem], unreached: dict[str, set[str]]) -> None:
    failures = [problem for result in results for problem in result.problems]
    if problems or failures:
        complain_of([*problems, *failures])
    failed = sum(bool(result.problems) for result in results)
    say(f"{counted(len(results) - failed, 'case')} passed, {failed} failed")
    for path, names in unreached.items():
        if names:
            say(f"{path}: no case reaches {', '.join(sorted(names))}")


def _say_json(results: list[CaseResult], problems: list[Problem], unreached: dict[str, set[str]]) -> None:
    say_json(
        {
            "cases": [
                {"name": result.name, "route": result.route, "problems": plain(result.problems)} for result in results
            ],
            "problems": plain(problems),
            "unreached": {path: sorted(names) for path, names in unreached.items()},
        }
    )
