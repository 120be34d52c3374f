"""Durations and sizes."""

from __future__ import annotations

import pytest

from moongate.config.units import parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", 0.5),
        ("30s", 30.0),
        ("1.5s", 1.5),
        ("2m", 120.0),
        ("1m30s", 90.0),
        ("24h", 86400.0),
        (2.5, 2.5),
        (3, 3.0),
    ],
)
def test_durations(text: object, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("30", "'30' has no unit: write 30s or 30ms"),
        ("1.5", "'1.5' has no unit: write 1.5s or 1.5ms"),
        ("30 s", "'30 s' is no duration: write 30s, 500ms, 2m or 1h"),
        ("-1s", "'-1s' is no duration: write 30s, 500ms, 2m or 1h"),
        ("", "'' is no duration: write 30s, 500ms, 2m or 1h"),
        (None, "None is no duration: write 30s, 500ms, 2m or 1h"),
        (True, "True is no duration: write 30s, 500ms, 2m or 1h"),
        ("0ms", "'0ms' is out of bounds: more than 0 and at most 24h"),
        ("24h1ms", "'24h1ms' is out of bounds: more than 0 and at most 24h"),
        (float("nan"), "nan is out of bounds: more than 0 and at most 24h"),
        ("9" * 500 + "h", "'" + "9" * 59 + " is out of bounds: more than 0 and at most 24h"),
    ],
)
def test_wrong_durations(text: object, message: str) -> None:
    with pytest.raises(ValueError) as raised:
        parse_duration(text)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("10MiB", 10 * 1024**2),
        ("512KiB", 512 * 1024),
        ("1 GiB", 1024**3),
        ("1.5MB", 1_500_000),
        ("1500", 1500),
        (1500, 1500),
        ("1B", 1),
        ("unlimited", None),
    ],
)
def test_sizes(text: object, size: int | None) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("10M", "'10M': the unit 'M' is not known, write 10MiB"),
        ("10mb", "'10mb': the unit 'mb' is not known, write 10MB"),
        ("10parsecs", "'10parsecs': the unit 'parsecs' is not known, write 10MiB, 512KiB or unlimited"),
        ("0", "'0': zero means different things to different people: write 1B or unlimited"),
        ("0.1B", "'0.1B': zero means different things to different people: write 1B or unlimited"),
        ("-1", "'-1' is no size: write 10MiB, 512KiB or unlimited"),
        (True, "True is no size: write 10MiB, 512KiB or unlimited"),
        (None, "None is no size: write 10MiB, 512KiB or unlimited"),
        ("9" * 400, "'" + "9" * 59 + " is out of bounds: at most 1024GiB, or unlimited"),
    ],
)
def test_wrong_sizes(text: object, message: str) -> None:
    with pytest.raises(ValueError) as raised:
        parse_size(text)
    assert str(raised.value) == message
