"""Durations and sizes as people write them. Python's own numbers are seconds and bytes."""

from __future__ import annotations

import re
from typing import Final

_DURATION_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION: Final = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h))+\Z")
_DURATION_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
MAX_DURATION_SECONDS: Final = 24 * 3600.0

_SHARE: Final = re.compile(r"(\d+(?:\.\d+)?) ?%\Z")

_SIZE_UNITS: Final = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
MAX_SIZE_BYTES: Final = 2**40
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?) ?([A-Za-z]*)\Z")
UNLIMITED_TEXT: Final = "unlimited"


def parse_duration(value: object) -> float:
    """Seconds of ``30s``, ``500ms``, ``2m``, ``1m30s``; a float is seconds already. Raise ValueError for all else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value)
    elif isinstance(value, str) and _DURATION.match(value):
        seconds = sum(float(number) * _DURATION_UNITS[unit] for number, unit in _DURATION_PART.findall(value))
    elif isinstance(value, str) and value.replace(".", "", 1).isdigit():
        raise ValueError(f"{value!r} has no unit: write {value}s or {value}ms")
    else:
        raise ValueError(f"{_shown(value)} is no duration: write 30s, 500ms, 2m or 1h")
    if not 0 < seconds <= MAX_DURATION_SECONDS:
        raise ValueError(f"{_shown(value)} is out of bounds: more than 0 and at most 24h")
    return seconds


def parse_pause(value: object) -> float:
    """Seconds of a duration that may be nothing: ``0``, ``0s``, ``5s``. Raise ValueError for all else."""
    return 0.0 if value in (0, "0", "0s", "0ms") and not isinstance(value, bool) else parse_duration(value)


def parse_share(value: object) -> float:
    """``5%`` as 0.05; a float is a share already. Raise ValueError for all else, nothing and more than all too."""
    match = _SHARE.match(value) if isinstance(value, str) else None
    if match is not None:
        share = float(match[1]) / 100
    elif isinstance(value, float):
        share = value
    else:
        raise ValueError(f"{_shown(value)} is no share: write 5% or 0.5%")
    if not 0 < share <= 1:
        raise ValueError(f"{_shown(value)} is out of bounds: more than 0% and at most 100%")
    return share


def parse_size(value: object) -> int | None:
    """Bytes of ``10MiB``, ``512KiB``, ``1500``; None for ``unlimited``. Raise ValueError for all else.

    Zero is refused: to some gateways it means nothing may pass, to others that everything may.
    """
    if value == UNLIMITED_TEXT:
        return None
    match = _SIZE.match(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if match is None:
        raise ValueError(f"{_shown(value)} is no size: write 10MiB, 512KiB or unlimited")
    number, unit = match.groups()
    known = {name.lower(): name for name in _SIZE_UNITS}
    if unit not in _SIZE_UNITS:
        meant = known.get(unit.lower()) or known.get(unit.lower() + "ib")
        raise ValueError(
            f"{_shown(value)}: the unit {unit!r} is not known"
            + (f", write {number}{meant}" if meant else ", write 10MiB, 512KiB or unlimited")
        )
    exact = float(number) * _SIZE_UNITS[unit]
    if exact > MAX_SIZE_BYTES:
        raise ValueError(f"{_shown(value)} is out of bounds: at most 1024GiB, or unlimited")
    size = int(exact)
    if size == 0:
        raise ValueError(f"{_shown(value)}: zero means different things to different people: write 1B or unlimited")
    return size


def format_duration(seconds: float) -> str:
    """``seconds`` as a person would write them: ``30s``, ``2m``, ``1500ms``."""
    milliseconds = round(seconds * 1000)
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if milliseconds % size == 0 and (milliseconds >= size or unit == "s"):
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"


def format_size(size: int | None) -> str:
    """``size`` bytes as a person would write them: ``10MiB``, ``1500B``, ``unlimited`` for None."""
    if size is None:
        return UNLIMITED_TEXT
    for unit, factor in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if size >= factor and size % factor == 0:
            return f"{size // factor}{unit}"
    return f"{size}B"


def _shown(value: object) -> str:
    return "nothing" if value is None else repr(value)[:60]
