"""What no single item can know: names that stand twice, and names that stand for nothing.

These look at the data as read, not at the models, so that they speak up even where an item has other problems: a
person sees everything at once.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final

from moongate.config.model_auth import METHOD_KINDS
from moongate.config.model_filters import BARE_KINDS, FILTER_KINDS
from moongate.config.problem import Finding, Loc
from moongate.config.wording import filter_meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


_ASKING: Final = (  # where settings of a filter name a service
    ("forward_auth",),
    ("authorize", "opa"),
    ("authenticate", "methods", "introspection"),
    ("authenticate", "introspection"),
)


def reference_problems(data: Any) -> Iterator[Finding]:
    """Every finding in ``data``, the root mapping as read; what is of the wrong type is passed over."""
    if not isinstance(data, dict):
        return
    yield from _repeated(data.get("listeners"), "listeners", "bind")
    yield from _repeated(data.get("routes"), "routes", "name")
    services = data.get("services")
    if isinstance(services, dict):
        yield from _unknown_services(data, [str(name) for name in services])
    filters = data.get("filters")
    known = [str(name) for name in filters] if isinstance(filters, dict) else []
    yield from _unknown_filters(data.get("defaults"), ("defaults",), known)
    for index, route in _items(data.get("routes")):
        yield from _unknown_filters(route, ("routes", index), known)


def _items(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    for index, item in enumerate(value if isinstance(value, list | tuple) else ()):
        if isinstance(item, dict):
            yield index, item


def _repeated(value: Any, section: str, key: str) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, item in _items(value):
        name = item.get(key)
        if isinstance(name, str):
            if name in first:
                loc: Loc = (section, index, key)
                yield Finding(loc, f"{key} {name!r} stands twice", see=(section, first[name], key))
            first.setdefault(name, index)


def _unknown_services(data: dict[str, Any], services: list[str]) -> Iterator[Finding]:
    for holder, loc in _naming_services(data):
        name = holder.get("service")
        if isinstance(name, str) and name not in services:
            yield Finding((*loc, "service"), f"no service is called {name!r}; {_hint(name, services)}")


def _naming_services(data: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Loc]]:
    """Every mapping that may name a service: routes, and filters that ask one."""
    filters = data.get("filters")
    named = filters if isinstance(filters, dict) else {}
    yield from _asking(named.items(), ("filters",))
    defaults = data.get("defaults")
    if isinstance(defaults, dict):
        yield from _asking(_items(defaults.get("filters")), ("defaults", "filters"))
    for index, route in _items(data.get("routes")):
        yield route, ("routes", index)
        yield from _asking(_items(route.get("filters")), ("routes", index, "filters"))


def _asking(filters: Iterable[tuple[Any, Any]], loc: Loc) -> Iterator[tuple[dict[str, Any], Loc]]:
    for key, settings in filters:
        for path in _ASKING:
            yield from _below(settings, path, (*loc, key))


def _below(value: Any, path: tuple[str, ...], loc: Loc) -> Iterator[tuple[dict[str, Any], Loc]]:
    """The mappings that keys ``path`` lead to from ``value``, by way of lists too, as settings may be written short."""
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _below(item, path, (*loc, index))
    elif isinstance(value, dict):
        if not path:
            yield value, loc
        elif path[0] in value:
            yield from _below(value[path[0]], path[1:], (*loc, path[0]))


def _unknown_filters(holder: Any, loc: Loc, named: list[str]) -> Iterator[Finding]:
    uses = holder.get("filters") if isinstance(holder, dict) else None
    known = [*named, *BARE_KINDS]
    for index, use in enumerate(uses if isinstance(uses, list | tuple) else ()):
        name = use.get("use") if isinstance(use, dict) else use
        if not isinstance(name, str) or name in known:
            continue
        if name in FILTER_KINDS:
            message = f"{name} needs settings: write {{{name}: {{...}}}}, or name a filter under `filters`"
        elif name in METHOD_KINDS:
            message = f"{name} is a method of authenticate: write {{authenticate: [{name}]}}"
        else:
            hint = filter_meant(name, FILTER_KINDS) or _hint(name, [*dict.fromkeys((*known, *FILTER_KINDS))])
            message = f"no filter is called {name!r}; {hint}"
        yield Finding((*loc, "filters", index), message)


def _hint(name: str, known: list[str]) -> str:
    if "://" in name:
        return "a URL stands under `services`, among the `targets` of a name"
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known are {', '.join(map(repr, known[:10]))}"
