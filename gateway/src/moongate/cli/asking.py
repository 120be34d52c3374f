"""What `explain`, `can` and `who-can` have in common: a request, and whom to ask about it, a config or a running
gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from moongate.cli.admin_client import ADMIN_HELP, AdminFailed, admin_url, ask
from moongate.cli.files import DEFAULT_CONFIG, load
from moongate.cli.terminal import PROBLEMS, USAGE
from moongate.compile.offline import Request
from moongate.control.accounts.looking import LookFailed

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from moongate.compile import Snapshot

T = TypeVar("T")

_HOLDS: Final = {"/explain": "request", "/who-can": "clients"}
_METHOD_FIRST: Final = "the method comes first: moongate {command} {others}GET {url}"


class AskFailed(Exception):  # noqa: N818 - what happened
    """There is no answer; says why. ``status`` is what the command ends with."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def add_request(parser: argparse.ArgumentParser) -> None:
    """A request, and where to take the answer from."""
    parser.add_argument("method", metavar="METHOD", help="as in GET")
    parser.add_argument("url", metavar="URL", help="http://host/path?query, or a path alone")
    parser.add_argument("-H", "--header", action="append", default=[], metavar="'Name: value'", help="a header field")
    parser.add_argument(
        "--scope", action="append", default=[], help="a scope of the client's credential; once for each"
    )
    parser.add_argument("--config", metavar="CONFIG", help=f"the config (default: {DEFAULT_CONFIG})")
    parser.add_argument("--live", action="store_true", help="ask a running gateway what it would do, not a config")
    parser.add_argument("--admin", metavar="URL", help=ADMIN_HELP + "; means --live")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")


def asked(
    options: argparse.Namespace,
    command: str,
    offline: Callable[[Snapshot, Request, argparse.Namespace], T],
    path: str,
    more: dict[str, Any],
) -> T | Any:
    """What ``offline`` says by the config, or the admin API at ``path``, told ``more`` beside the request, where a
    running gateway is to be asked. Raises AskFailed."""
    request = _request(options, command)
    is_live = options.live or options.admin is not None
    if is_live and options.config is not None:
        raise AskFailed("give --config or --live, not both", USAGE)
    try:
        if is_live:
            return _live(admin_url(options.admin), path, request, more)
        return offline(load(options.config).snapshot, request, options)
    except (AdminFailed, LookFailed) as failed:
        raise AskFailed(str(failed), PROBLEMS) from None
    except ValueError as error:
        raise AskFailed(str(error), USAGE) from None


def _request(options: argparse.Namespace, command: str) -> Request:
    headers: list[tuple[str, str]] = []
    for header in options.header:
        name, colon, value = header.partition(":")
        if not colon:
            raise AskFailed(f"{header!r} is no header: write -H 'Name: value'", USAGE)
        headers.append((name, value.strip()))
    if "/" in options.method:
        others = "CLIENT " if command == "can" else ""
        raise AskFailed(_METHOD_FIRST.format(command=command, others=others, url=options.method), USAGE)
    return Request(options.method, options.url, tuple(headers))


def _live(url: str, path: str, request: Request, more: dict[str, Any]) -> Any:
    body = {"method": request.method, "url": request.url, "headers": request.headers, **more}
    answer = ask(url, "POST", path, body, holds=_HOLDS[path])
    if answer.status != 200:
        raise AdminFailed(answer.told())
    return dict(answer.body)
