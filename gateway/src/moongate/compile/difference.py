"""What a new config changes in behaviour, not in text.

Settings are compared as compiled, so moving a route in its file, or spelling a default out, is no change. Where
requests go is compared by deciding the same requests under both: recorded ones, or one made up for each route.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from moongate.compile.dump import dump_snapshot
from moongate.compile.offline import Decision, Request, decide
from moongate.routing.pattern import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from moongate.compile.snapshot import RoutePlan, Snapshot
    from moongate.routing import Match

_NAMED: Final = {"routes": "route", "services": "service"}
_FILLER: Final = "x"
_HIDDEN: Final = "a secret"
_ANOTHER: Final = "another secret"


class Change(NamedTuple):
    """One setting: ``what`` it belongs to, as in ``route cars``; ``key`` inside it, empty for the whole thing.

    ``old`` and ``new`` are plain values; None where there is nothing on that side.
    """

    what: str
    key: str
    old: Any
    new: Any


class Moved(NamedTuple):
    """A request that has another outcome under the new config."""

    request: Request
    old: str
    new: str


def changed_settings(old: Snapshot, new: Snapshot) -> list[Change]:
    """Every setting that differs. A thing that is there on one side only is one change. Of a secret it is only told
    that it is another."""
    changes = list(_changes(_by_name(dump_snapshot(old)), _by_name(dump_snapshot(new))))
    told = {(change.what, change.key) for change in changes}
    secrets = (_by_name(dump_snapshot(each, with_secrets=True)) for each in (old, new))
    hidden = dict.fromkeys((change.what, change.key) for change in _changes(*secrets))
    return [*changes, *(Change(what, key, _HIDDEN, _ANOTHER) for what, key in hidden if (what, key) not in told)]


def moved_requests(old: Snapshot, new: Snapshot, requests: Iterable[Request]) -> Iterator[Moved]:
    """The ``requests`` whose outcome differs. Raise ValueError for what is no request."""
    for request in requests:
        before, after = outcome(decide(old, request)), outcome(decide(new, request))
        if before != after:
            yield Moved(request, before, after)


def outcome(decision: Decision) -> str:
    """Where a request ends, in words: its route and service, or the gateway's own answer."""
    if decision.failure is not None:
        return f"{decision.failure.status} {decision.failure.code}"
    if decision.itself:
        return f"the gateway itself, {decision.itself}"
    assert decision.route is not None
    return f"route {decision.route.name}, service {decision.route.service.name}"


def example_requests(*snapshots: Snapshot) -> Iterator[Request]:
    """A request for each route under each of its hosts, in match order; the same request once.

    There is none for a route that asks for a value put in from outside.
    """
    seen: set[Request] = set()
    for snapshot in snapshots:
        for route in snapshot.routes:
            for request in _examples_of(route):
                if request not in seen:
                    seen.add(request)
                    yield request


def _examples_of(route: RoutePlan) -> Iterator[Request]:
    match = route.match
    if any(each.written is not None for each in match.conditions):
        return  # an example would tell a secret
    method = "GET" if match.methods is None or b"GET" in match.methods else min(match.methods).decode("ascii")
    path = _example_path(match)
    pairs = [(each.name.decode(), each.value) for each in match.conditions if each.place == "query"]
    query = "&".join(f"{_quoted(name.encode())}={_quoted(_FILLER.encode() if v is None else v)}" for name, v in pairs)
    headers = tuple(
        (each.name.decode(), _FILLER if each.value is None else each.value.decode("utf-8", "surrogateescape"))
        for each in match.conditions
        if each.place == "header"
    )
    for host in match.hosts or (None,):
        name = "" if host is None else str(host).replace("*", _FILLER, 1)
        yield Request(method, (f"http://{name}" if name else "") + path + ("?" + query if query else ""), headers)


def _example_path(match: Match) -> str:
    if match.path.literal is not None:
        return match.path.literal.decode("ascii")
    parts = [
        _FILLER if segment.kind is Kind.ANY else segment.values[0].decode("ascii") for segment in match.path.segments
    ]
    return "/" + "/".join([*parts, _FILLER] if match.path.tail else parts)


def _quoted(value: bytes) -> str:
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 0x80 else f"%{byte:02X}" for byte in value)


def _by_name(dumped: dict[str, Any]) -> dict[str, Any]:
    """Routes and services under ``route NAME`` and ``service NAME``, all else under its own key."""
    named: dict[str, Any] = {}
    for key, value in dumped.items():
        if key == "routes":
            named.update({f"{_NAMED[key]} {route['name']}": route for route in value})
        elif key == "services":
            named.update({f"{_NAMED[key]} {name}": service for name, service in value.items()})
        elif key != "generation":
            named[key] = value
    return named


def _changes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for what in dict.fromkeys(chain(before, after)):
        if what not in before or what not in after:
            yield Change(what, "", before.get(what), after.get(what))
        else:
            yield from _changes_in(what, "", before[what], after[what])


def _changes_in(what: str, key: str, old: Any, new: Any) -> Iterator[Change]:
    if key in ("targets", "names"):
        old, new = ({f"[{place['url']}]": place for place in each or ()} for each in (old, new))
    if isinstance(old, dict) and isinstance(new, dict):
        for each in dict.fromkeys(chain(old, new)):
            yield from _changes_in(what, _joined(key, each), old.get(each), new.get(each))
    elif old != new:
        yield Change(what, key, old, new)


def _joined(key: str, inner: str) -> str:
    return f"{key}{'' if inner.startswith('[') or not key else '.'}{inner}"
