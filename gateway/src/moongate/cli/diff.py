"""``moongate diff``: what a new config changes in behaviour. 0: nothing, 1: something, or a config is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from moongate.cli.files import load
from moongate.cli.terminal import FINE, MAX_SHOWN, PROBLEMS, complain_of, counted, plain, refuse, say, say_json
from moongate.compile.difference import Change, Moved, changed_settings, example_requests, moved_requests
from moongate.compile.recording import recorded_requests
from moongate.config import Problem

if TYPE_CHECKING:
    import argparse

    from moongate.compile import Snapshot
    from moongate.compile.offline import Request

_REPLAY_HELP: Final = (
    "decide these requests under both and print those that end elsewhere: one JSON object a line with method, url or "
    "path, and headers; an access log will do"
)
_MAX_VALUE_CHARS: Final = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("old", metavar="OLD", help="a config, a file or a directory")
    parser.add_argument("new", metavar="NEW", help="what is to replace it")
    parser.add_argument("--replay", metavar="FILE", help=_REPLAY_HELP)
    parser.add_argument("--json", action="store_true", help="print everything as JSON")


def run(options: argparse.Namespace) -> int:
    """Without --replay: every setting that differs, and one made-up request for each route. With it: the requests."""
    old, new = load(options.old).snapshot, load(options.new).snapshot
    if options.replay is not None:
        return _replay(old, new, options.replay, as_json=options.json)
    changes = changed_settings(old, new)
    moved = list(moved_requests(old, new, example_requests(old, new)))
    if options.json:
        say_json({"settings": [change._asdict() for change in changes], "requests": [_plain(each) for each in moved]})
    else:
        for change in changes:
            say(_line(change))
        _say_moved(moved, "for example, since no request was recorded")
        if not changes and not moved:
            say("no change in behaviour")
    return PROBLEMS if changes or moved else FINE


def _replay(old: Snapshot, new: Snapshot, path: str, *, as_json: bool) -> int:
    requests: list[Request] = []
    problems: list[Problem] = []
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123 - a pipe will do
            for each in recorded_requests(file, path):
                if isinstance(each, Problem):
                    problems.append(each)
                else:
                    requests.append(each)
    except OSError as error:
        refuse(Problem(path, 0, 0, f"cannot be read: {error.strerror}"), as_json=as_json)
        return PROBLEMS
    moved = list(moved_requests(old, new, requests))
    if as_json:
        requests_moved = [_plain(each) for each in moved]
        say_json({"replayed": len(requests), "requests": requests_moved, "problems": plain(problems)})
    else:
        _say_moved(moved, "")
        say(f"{len(moved)} of {counted(len(requests), 'request')} would end elsewhere")
        if problems:
            complain_of(problems)
    return PROBLEMS if moved or problems else FINE


def _line(change: Change) -> str:
    if not change.key and change.old is None:
        return f"+ {change.what}: {_value(change.new)}"
    if not change.key and change.new is None:
        return f"- {change.what}: {_value(change.old)}"
    where = f"{change.what}: {change.key}" if change.key else change.what
    if change.key.endswith("]") and change.old is None:
        return f"+ {where}: {_value(change.new)}"
    if change.key.endswith("]") and change.new is None:
        return f"- {where}: {_value(change.old)}"
    return f"~ {where}: {_value(change.old)} -> {_value(change.new)}"


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_VALUE_CHARS else text[:_MAX_VALUE_CHARS] + "..."


def _say_moved(moved: list[Moved], remark: str) -> None:
    if moved and remark:
        say(f"requests that would end elsewhere ({remark}):")
    for each in moved[:MAX_SHOWN]:
        headers = "".join(f" -H {f'{name}: {value}'!r}" for name, value in each.request.headers)
        say(f"> {each.request}{headers}: {each.old} -> {each.new}")
    if len(moved) > MAX_SHOWN:
        say(f"... and {len(moved) - MAX_SHOWN} more; --json prints all")


def _plain(moved: Moved) -> dict[str, Any]:
    return {**moved.request._asdict(), "headers": dict(moved.request.headers), "old": moved.old, "new": moved.new}
