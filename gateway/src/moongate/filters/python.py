"""``python``: a step of the user's own, in the same process and as fast as any other."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from moongate.filters.port import Filter, Tools

KIND: Final = "python"


@dataclass(frozen=True, slots=True)
class PythonPlan:
    """``place`` is ``package.module:name`` of a callable that takes an exchange, looked for in the directory ``beside``
    too; with ``settings``, a JSON object, it is first called with those by keyword and returns that callable.
    ``shown`` are the settings without what was put in from outside."""

    place: str
    beside: str = ""
    settings: str | None = None
    shown: str | None = None

    @property
    def kind(self) -> str:
        return KIND

    def bind(self, tools: Tools) -> Filter:
        found = load(self.place, self.beside)
        if self.settings is not None:
            try:
                found = found(**json.loads(self.settings))
            except (Exception, SystemExit) as error:
                raise ValueError(f"{self.place} refused its settings: {type(error).__name__}: {error}") from error
        if not callable(found):
            raise ValueError(f"{self.place} is no function: a filter is called with each exchange")
        return cast("Filter", found)

    @property
    def hidden(self) -> object:
        return self.settings if self.settings != self.shown else None

    def describe(self) -> dict[str, Any]:
        return {"filter": self.place, **({} if self.shown is None else {"with": json.loads(self.shown)})}


def load(place: str, beside: str = "") -> Any:
    """What ``place`` names. Raises ValueError, in words. A module in ``beside`` comes after all that is installed."""
    if beside and beside not in sys.path:
        sys.path.append(beside)
    module_name, _, name = place.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and (module_name == error.name or module_name.startswith(error.name + ".")):
            raise ValueError(
                f"there is no module {module_name!r}: it must be installed beside moongate, or stand beside the config"
            ) from None
        raise ValueError(f"{module_name} can not be imported: {error}") from error
    except (Exception, SystemExit) as error:  # whose module it is may end a process of his own, not the gateway
        raise ValueError(f"{module_name} can not be imported: {type(error).__name__}: {error}") from error
    try:
        return getattr(module, name)
    except AttributeError:
        raise ValueError(f"{module_name} has nothing called {name!r}") from None
