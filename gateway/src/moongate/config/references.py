"""What no single item can know: names that stand twice, and names that stand for nothing.

These look at the data as read, not at the models, so that they speak up even where an item has other problems: a
person sees everything at once.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from moongate.config.problem import Finding, Loc

if TYPE_CHECKING:
    from collections.abc import Iterator


def reference_problems(data: Any) -> Iterator[Finding]:
    """Every finding in ``data``, the root mapping as read; what is of the wrong type is passed over."""
    if not isinstance(data, dict):
        return
    yield from _repeated(data.get("listeners"), "listeners", "bind")
    yield from _repeated(data.get("routes"), "routes", "name")
    services = data.get("services")
    if isinstance(services, dict):
        yield from _unknown_services(data.get("routes"), [str(name) for name in services])


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


def _unknown_services(routes: Any, services: list[str]) -> Iterator[Finding]:
    for index, route in _items(routes):
        name = route.get("service")
        if isinstance(name, str) and name not in services:
            near = difflib.get_close_matches(name, services, n=1, cutoff=0.6)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(map(repr, services[:10]))}"
            yield Finding(("routes", index, "service"), f"no service is called {name!r}; {hint}")
