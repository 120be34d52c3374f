"""Kinds of resource. A kind is named by its code in data (`car`) and by its plural in paths (`cars`)."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from invsys.domain.errors import InvalidValueError
from invsys.domain.interval import ALWAYS, NEVER, Interval, format_instant

NAME_PATTERN = r"^[a-z][a-z0-9-]{0,62}$"
_NAME = re.compile(NAME_PATTERN, re.ASCII)
RESERVED_PLURALS = frozenset({"allocations", "events", "kinds"})
"""Segments of paths below /api that mean something else."""


class Mode(StrEnum):
    """Continuous: any interval. Interval: whole slots of a grid, as a launch pad or a tennis court has them."""

    CONTINUOUS = "continuous"
    INTERVAL = "interval"


@dataclass(frozen=True, slots=True)
class Kind:
    """What sort of thing a resource is.

    `slot` and `anchor` (microseconds) are the grid of an interval kind: `anchor + n * slot`. `attributes_schema` is a
    JSON Schema (2020-12) that the attributes of every resource of the kind must satisfy.
    """

    code: str
    plural: str
    mode: Mode = Mode.CONTINUOUS
    slot: int | None = None
    anchor: int = 0
    attributes_schema: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        for field, value in (("code", self.code), ("plural", self.plural)):
            if not _NAME.fullmatch(value):
                raise InvalidValueError(field, "bad_name", "must be lower-case letters, digits and hyphens, 63 at most")
        if self.plural in RESERVED_PLURALS:
            raise InvalidValueError("plural", "reserved", f"{self.plural!r} is a path of its own: choose another")
        if (self.mode is Mode.INTERVAL) != (self.slot is not None):
            raise InvalidValueError("slot", "slot", "an interval kind has a slot length, a continuous kind has none")
        if self.slot is not None and self.slot <= 0:
            raise InvalidValueError("slot", "slot", "the slot length must be positive")

    def check_grid(self, interval: Interval) -> None:
        """Raises InvalidValueError when a finite bound of `interval` lies off the grid; infinity lies on every grid."""
        for field, bound in (("from_datetime", interval.start), ("to_datetime", interval.end)):
            if self.slot is None or bound in (ALWAYS, NEVER) or (bound - self.anchor) % self.slot == 0:
                continue
            below = bound - (bound - self.anchor) % self.slot
            near = f"{_format(below)} and {_format(below + self.slot)}"
            raise InvalidValueError(field, "off_grid", f"lies between two slots of {self.plural}: near are {near}")


def _format(instant: int) -> str:
    try:
        return format_instant(instant)
    except OverflowError:
        return "the end of the calendar"


SHIPPED = (Kind("car", "cars"), Kind("lorry", "lorries"), Kind("truck", "trucks"))
"""The kinds every installation starts with."""
